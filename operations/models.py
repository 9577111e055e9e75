"""Changes of keys, while they run and after."""

import uuid

from django.conf import settings
from django.db import models


class KeyRotation(models.Model):
    """The change to the data key `key_id` of a purpose: where it has come to, so that it goes on there after a kill."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=80)
    key_id = models.BigIntegerField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    # the place: in which column, after which row
    column = models.PositiveSmallIntegerField(default=0)
    after = models.UUIDField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    unreadable = models.PositiveBigIntegerField(default=0)  # rows that no key opens; `verify_identities` tells more
    in_place_at = models.DateTimeField(null=True)  # of an index: when all rows came to have the new one
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=models.Q(finished_at__isnull=True), name="one_rotation_per_purpose"
            )
        ]


class NewIndex(models.Model):
    """An index under the next key, worked out before all are put in place at once; `old` is what it replaces."""

    rotation = models.ForeignKey(KeyRotation, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()  # which column
    row = models.UUIDField()
    old = models.BinaryField(max_length=20)
    fresh = models.BinaryField(max_length=20)
