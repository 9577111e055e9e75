"""Jobs: the row in the database is the truth; the broker only wakes a worker."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from exports.models.deliveries import Delivery
from exports.models.extracts import RegisterExtract


class Job(models.Model):
    class Kind(models.TextChoices):
        PREPARE = "prepare", _("Forberedelse")
        BUILD = "build", _("Dannelse af filer")
        LOAD = "load", _("Indlæsning af beboerliste")
        CHECK_ROWS = "check_rows", _("Kontrol af regneark")
        WRITE_ROWS = "write_rows", _("Indlæsning af regneark")
        ROTATE_KEY = "rotate_key", _("Skift af nøgle")
        ERASE = "erase", _("Sletning på sin dato")

    class State(models.TextChoices):
        QUEUED = "queued", _("Venter")
        RUNNING = "running", _("I gang")
        DONE = "done", _("Færdig")
        FAILED = "failed", _("Mislykket")
        CANCELLED = "cancelled", _("Annulleret")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="jobs")
    extract = models.ForeignKey(RegisterExtract, on_delete=models.PROTECT, null=True, related_name="jobs")
    subject = models.UUIDField(null=True, db_index=True)  # what an app above this one has the job do its work on
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # none: it is the day that asks
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # the claim: whoever holds `claim` may go on until `lease_until`
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # progress
    step = models.CharField(max_length=40, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    problem = models.CharField(max_length=80, blank=True)  # a code, never a message that could quote data

    class Meta:
        ordering = ["-queued_at"]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_sweep")]


class WorkerSign(models.Model):
    """When a worker was last seen; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen_at = models.DateTimeField()
