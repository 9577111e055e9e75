"""The audit tables. No foreign keys to live data: an event outlives what it tells of."""

from django.db import models


class Event(models.Model):
    """One thing that happened. `mac` chains it to the event before; see `audit.chain`."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=36, blank=True)  # a user's id; empty for the system
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=36, blank=True)
    plan = models.CharField(max_length=36, blank=True)
    details = models.TextField(default="{}")  # JSON of codes and counts
    subjects_digest = models.BinaryField(max_length=32)
    key_id = models.BigIntegerField()
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "action", "at"], name="audit_by_actor"),
            models.Index(fields=["actor", "sequence"], name="audit_of_actor"),
            models.Index(fields=["action", "sequence"], name="audit_by_action"),
            models.Index(fields=["plan", "sequence"], name="audit_by_plan"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["object_id"], name="audit_by_object"),
        ]


class Subject(models.Model):
    """A registered person whom an event concerned ("who has seen me"). Covered by `subjects_digest`."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="subjects")
    subject = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["subject", "event"], name="audit_by_subject")]


class Head(models.Model):
    """The end of the chain: the row that every append locks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    mac = models.BinaryField(max_length=32, default=bytes(32))
