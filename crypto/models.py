"""The wrapped data keys: the only thing of this app that the database holds."""

from django.db import models


class DataKey(models.Model):
    """One data key of one purpose, wrapped by the key-encryption key, which is not in the database.

    A key is announced (`active_at` is null: it looks up and opens, and makes nothing yet), then active; the newest
    active key of a purpose is the current one. Retired, its material is gone.
    """

    id = models.BigIntegerField(primary_key=True)  # u32, random: stands in each record's header
    purpose = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    active_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="one_key_per_purpose_and_version")]

    def __repr__(self) -> str:
        return f"<DataKey {self.id} {self.purpose} v{self.version}>"
