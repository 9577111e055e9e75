"""Decisions on consent. Never changed: who thinks again gets a new decision."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models.participants import Participant
from consent.models.texts import Purpose, Text


class Kind(models.TextChoices):
    GIVEN = "given", _("Samtykke givet")
    REFUSED = "refused", _("Sagde nej, da der blev spurgt igen")
    WITHDRAWN = "withdrawn", _("Samtykke trukket tilbage")
    LAPSED = "lapsed", _("Samtykke udløbet")


class Method(models.TextChoices):
    PAPER = "paper", _("Underskrevet på papir")
    ORAL_WITNESS = "oral_witness", _("Mundtligt med vidne")
    DIGITAL = "digital", _("Digitalt")


class GuardianRelation(models.TextChoices):
    """Only the relation is kept, never the guardian's name."""

    MOTHER = "mother", _("Mor")
    FATHER = "father", _("Far")
    OTHER = "other", _("Anden værge")


class Reason(models.TextChoices):
    """Why somebody withdrew, if they want to say: a code, never free text. Blank: not said."""

    NO_LONGER = "no_longer", _("Vil ikke være med længere")
    UNEASY = "uneasy", _("Er utryg ved, hvad oplysningerne bruges til")
    NOT_UNDERSTOOD = "not_understood", _("Havde ikke forstået, hvad samtykket gik ud på")
    BY_MISTAKE = "by_mistake", _("Samtykket var registreret ved en fejl")
    OTHER = "other", _("En anden grund")


class Decision(models.Model):
    """One decision of one participant for one purpose.

    `decided_on` is the day it holds from, `recorded_at` the moment the site knew it, so the gate can answer
    for a date and as known at a time. Of decisions of one day, the one with the higher id is the later.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    decided_on = models.DateField()
    method = models.CharField(max_length=15, choices=Method.choices, blank=True)
    obtained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    guardian_relation = models.CharField(max_length=10, choices=GuardianRelation.choices, blank=True)
    lapses_on = models.DateField(null=True)  # the child's 18th birthday: from that day on it bars export
    reason = models.CharField(max_length=15, choices=Reason.choices, blank=True)  # of a withdrawal
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            # holds all that the latest decision of a person is judged by: rates read it for everybody at once
            models.Index(
                fields=["participant", "purpose", "-decided_on", "-id", "kind", "text", "lapses_on"],
                name="decision_latest",
            ),
            models.Index(fields=["purpose", "kind"], name="decision_by_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                name="given_consent_has_its_facts",
                condition=~models.Q(kind=Kind.GIVEN)
                | (models.Q(text__isnull=False, obtained_by__isnull=False) & ~models.Q(method="")),
            ),
        ]
