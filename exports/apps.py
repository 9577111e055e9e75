from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self):
        from crypto.keys import register_purpose
        from exports.vault import ARCHIVE, new_archive_identity

        register_purpose(ARCHIVE, make=new_archive_identity)
