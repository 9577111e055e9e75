from celery.signals import worker_init
from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self):
        from operations import checks, runners  # noqa: F401  (registers the system check)
        from operations.restoring import refuse_unfinished

        runners.register()
        worker_init.connect(lambda **kwargs: refuse_unfinished(), weak=False, dispatch_uid="operations.restoring")
