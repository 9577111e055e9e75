from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self):
        from audit import checks  # noqa: F401  (registers the system check)
        from audit.chain import events_under
        from audit.triggers import install_after_migrate, uninstall_before_migrate
        from audit.witness import entries_under
        from crypto.keys import register_purpose

        register_purpose("audit", needs=events_under)
        register_purpose("audit.witness", needs=entries_under)
        # SQLite drops a table's triggers when a migration rebuilds the table, so after every migrate
        post_migrate.connect(install_after_migrate, sender=self, dispatch_uid="audit.install_triggers")
        pre_migrate.connect(uninstall_before_migrate, sender=self, dispatch_uid="audit.uninstall_triggers")
