from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self):
        from audit import checks  # noqa: F401  (registers the system check)
        from audit.triggers import install_after_migrate, uninstall_before_migrate
        from crypto.keys import register_purpose

        register_purpose("audit")
        # SQLite drops a table's triggers when a migration rebuilds the table, so after every migrate
        post_migrate.connect(install_after_migrate, sender=self, dispatch_uid="audit.install_triggers")
        pre_migrate.connect(uninstall_before_migrate, sender=self, dispatch_uid="audit.uninstall_triggers")
