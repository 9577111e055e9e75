from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from accounts import factor_secrets, signing_in  # noqa: F401  (receivers of signals)
