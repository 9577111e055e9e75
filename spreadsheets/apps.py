from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "spreadsheets"

    def ready(self):
        from consent.signals import consent_ended
        from spreadsheets import gone, runners

        runners.register()
        consent_ended.connect(gone.remember, dispatch_uid="spreadsheets.gone")
