"""Restriction of processing (article 18 of the General Data Protection Regulation): a person's data are only stored."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models.participants import Participant


class Ground(models.TextChoices):
    """Why processing is restricted: the four grounds of article 18(1)."""

    ACCURACY = "accuracy", _("Personen mener, at oplysningerne er forkerte, og det undersøges")
    UNLAWFUL = "unlawful", _("Behandlingen er ulovlig, men personen vil ikke have oplysningerne slettet")
    CLAIM = "claim", _("Personen skal bruge oplysningerne i en retssag")
    OBJECTION = "objection", _("Personen har gjort indsigelse, og det afgøres, om den skal følges")


class Restriction(models.Model):
    """From `restricted_at` until `lifted_at` nothing of a participant leaves. A row for each of the person's rows, and
    for each ground: one may fall away while another holds."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=10, choices=Ground.choices)
    restricted_at = models.DateTimeField()
    restricted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "ground"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_restriction_on_a_ground",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="restriction_lifted_by_somebody",
            ),
        ]
