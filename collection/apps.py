from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CollectionConfig(AppConfig):
    name = "collection"

    def ready(self):
        from audit.naming import register_plan_names
        from collection.queries import plan_names
        from collection.reference import load_activity_types

        register_plan_names(plan_names)
        post_migrate.connect(load_activity_types, sender=self, dispatch_uid="collection.load_activity_types")
