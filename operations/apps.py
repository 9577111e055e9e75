from celery.signals import worker_init
from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self):
        from audit import words
        from exports import worklists
        from operations import checks, runners  # noqa: F401  (registers the system check)
        from operations.restoring import refuse_unfinished
        from operations.wording import PURPOSES
        from operations.worklists import tasks

        runners.register()
        words.VALUES.update(PURPOSES)  # the log says which key was changed
        worklists.MORE.append(tasks)
        worker_init.connect(lambda **kwargs: refuse_unfinished(), weak=False, dispatch_uid="operations.restoring")
