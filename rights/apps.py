from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "rights"

    def ready(self):
        from exports import demo, worklists
        from rights import runners
        from rights.demo import put_off
        from rights.worklists import tasks

        runners.register()
        worklists.MORE.append(tasks)
        demo.MORE.append(put_off)
