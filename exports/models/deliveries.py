"""Deliveries, the archives in them, and the ledger of who is in which."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from exports.models.projects import EvaluationProject


class State(models.TextChoices):
    """See `exports.states` for the allowed transitions."""

    REQUESTED = "requested", _("Bestilt")
    PREPARED = "prepared", _("Venter på godkendelse")
    APPROVED = "approved", _("Godkendt")
    REJECTED = "rejected", _("Afvist")
    BUILT = "built", _("Klar til hentning")
    FETCHED = "fetched", _("Hentet")
    EXPIRED = "expired", _("Udløbet")
    CANCELLED = "cancelled", _("Annulleret")
    FAILED = "failed", _("Mislykket")


class Reader(models.TextChoices):
    """Who an archive is for. No role may fetch both."""

    OFFICER = "officer", _("Den koblingsansvarlige hos den dataansvarlige")
    EVALUATOR = "evaluator", _("Evaluator")


class Delivery(models.Model):
    class Kind(models.TextChoices):
        LINKAGE = "linkage", _("Koblingsfil")
        COMPARISON = "comparison", _("Sammenligningsgruppe")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(EvaluationProject, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.PositiveIntegerField()  # within the project: "Leverance 3"
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    definition = models.JSONField(default=dict)  # of a comparison group; empty for a linkage file
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    # the frozen set: hash of the plain rows, and what the approver is shown (counts, left out, findings)
    prepared_hash = models.CharField(max_length=64, blank=True)
    prepared_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decided_hash = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    k_accepted = models.CharField(max_length=500, blank=True)  # why groups below the project's k may go to DST
    built_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    delete_by = models.DateField(null=True)  # by when recipients delete what they fetched

    class Meta:
        ordering = ["-requested_at"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="delivery_number_once_per_project"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "built", "fetched"])
                | models.Q(decided_by__isnull=False, decided_hash=models.F("prepared_hash")),
                name="approval_is_for_the_prepared_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.number}"


class DeliveryPerson(models.Model):
    """The ledger: this delivery holds this participant, relying on this decision. No pseudonym here.

    The database does not check the two references row by row (a million rows, two look-ups each): rows come from the
    consent gate only, and neither participants nor decisions are ever deleted.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(
        "collection.Participant", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    decision = models.ForeignKey(
        "consent.Decision", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # since when the person, who is in the prepared set, is not in the files: consent ceased after it was frozen
    taken_out_at = models.DateTimeField(null=True)
    # HMAC under the project's key, 8 bytes, of what the file says of this participant: tells what changed since
    rows_digest = models.BinaryField(max_length=8, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "delivery"], name="once_per_delivery")]
        indexes = [
            # of the few who were taken out: recalls ask for them apart (exports.ledger.given_out)
            models.Index(
                fields=["participant"], condition=models.Q(taken_out_at__isnull=False), name="ledger_taken_out"
            )
        ]


class Archive(models.Model):
    """One reader's sealed file of a delivery, at `path` below DATA_DIR."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="archives")
    reader = models.CharField(max_length=10, choices=Reader.choices)
    path = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()  # bytes, sealed
    sha256 = models.CharField(max_length=64)  # of the sealed file
    sealed_to = models.JSONField(default=list)  # ids of the recipients whose keys open it
    created_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "reader"], name="one_archive_per_reader")]


class Fetch(models.Model):
    """A reader was given the files of a delivery as they were then.

    Archives are replaced when files are built again; this stays, and recalls rest on it.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="fetches")
    reader = models.CharField(max_length=10, choices=Reader.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "fetches"
