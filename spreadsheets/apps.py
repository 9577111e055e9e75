from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "spreadsheets"

    def ready(self):
        from spreadsheets import runners

        runners.register()
