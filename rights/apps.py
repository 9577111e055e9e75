from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "rights"

    def ready(self):
        from exports import worklists
        from rights import runners
        from rights.worklists import tasks

        runners.register()
        worklists.MORE.append(tasks)
