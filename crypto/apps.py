from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CryptoConfig(AppConfig):
    name = "crypto"

    def ready(self):
        from crypto import checks  # noqa: F401  (registers the system checks)
        from crypto.keys import make_missing_keys

        # dispatch after every app's migration, so that every field has registered its purpose
        post_migrate.connect(make_missing_keys, sender=self, dispatch_uid="crypto.make_missing_keys")
