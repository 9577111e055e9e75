from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self):
        from crypto.keys import register_purpose
        from exports.vault import ARCHIVE, files_sealed_to, new_archive_identity

        register_purpose(ARCHIVE, make=new_archive_identity, needs=files_sealed_to)
