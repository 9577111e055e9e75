from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CollectionConfig(AppConfig):
    name = "collection"

    def ready(self):
        from collection.reference import load_activity_types

        post_migrate.connect(load_activity_types, sender=self, dispatch_uid="collection.load_activity_types")
