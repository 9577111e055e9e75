from celery.signals import worker_init
from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self):
        from exports import worklists
        from operations import checks, runners  # noqa: F401  (registers the system check)
        from operations.restoring import refuse_unfinished
        from operations.worklists import tasks

        runners.register()
        worklists.MORE.append(tasks)
        worker_init.connect(lambda **kwargs: refuse_unfinished(), weak=False, dispatch_uid="operations.restoring")
