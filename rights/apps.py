from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "rights"

    def ready(self):
        from exports import worklists
        from rights.worklists import tasks

        worklists.MORE.append(tasks)
