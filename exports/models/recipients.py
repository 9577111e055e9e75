"""Recipients of archives: whose key a reader's archive is sealed to, the links by which it is fetched, and what the
recipient says has been deleted."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from exports.models.deliveries import Archive, Delivery, Reader
from exports.models.projects import EvaluationProject


class Recipient(models.Model):
    """A public key (age, X25519) that a project's archives for `reader` are sealed to, once it is confirmed.

    Confirmed: somebody has compared the fingerprint with the recipient by another way than this site.
    """

    class Way(models.TextChoices):
        PHONE = "phone", _("I telefon, på et nummer, jeg kendte i forvejen")
        VIDEO = "video", _("På video")
        IN_PERSON = "in_person", _("Ansigt til ansigt")
        LETTER = "letter", _("Underskrevet brev")
        OWN = "own", _("Det er min egen nøgle")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(EvaluationProject, on_delete=models.PROTECT, related_name="recipients")
    reader = models.CharField(_("Modtager af"), max_length=10, choices=Reader.choices)
    name = models.CharField(_("Navn"), max_length=150)  # who has the private key
    public_key = models.CharField(_("Offentlig nøgle"), max_length=100)  # age1…
    expires_on = models.DateField(_("Gælder til og med"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_way = models.CharField(max_length=10, choices=Way.choices, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["reader", "-added_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "reader", "public_key"], name="one_row_per_key"),
            # somebody else compares an evaluator's key; a controller's own key is theirs to know
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("added_by"))
                | models.Q(reader=Reader.OFFICER, confirmed_way="own"),
                name="key_confirmed_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FetchLink(models.Model):
    """Lets one signed-in person fetch one archive once, for some minutes. Only a hash of the link's secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class DeletionReport(models.Model):
    """`by`, a recipient, says that `reader`'s files of a delivery are deleted."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="deletions")
    reader = models.CharField(max_length=10, choices=Reader.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "reader"], name="deleted_once_per_reader")]
