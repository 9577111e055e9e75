"""Participants: the registered people, one row per plan, identities sealed."""

import uuid
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from collection import cpr as cpr_rules
from collection.models.plans import Plan
from collection.names import name_birth_key
from crypto.fields import BlindIndexField, SealedField


class Identification(models.TextChoices):
    CPR = "cpr", _("CPR-nummer")
    NAME_ADDRESS = "name_address", _("Navn, fødselsdato og adresse")


def normalise_name_and_birth(name: str | None, birth_date: str | None, cpr: str | None) -> str | None:
    """Text behind the second index: normalised name | birth date; None when either is not known."""
    if not name or not (birth_date or cpr):
        return None
    born = date.fromisoformat(birth_date) if birth_date else cpr_rules.birth_date_of(cpr or "")
    return name_birth_key(name, born)


class Participant(models.Model):
    """A person registered in one plan; another plan's row of the same person is unknown to it.

    Sealed as text: `cpr` ten digits, `name` (a working name where there is a CPR number), `birth_date` and
    `residence_date` as YYYY-MM-DD, `address`. Reached through `consent.gate`; `ungated` is for the few
    places that the tests list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    identification = models.CharField(max_length=12, choices=Identification.choices)
    cpr = SealedField("participant.cpr")
    name = SealedField("participant.name")
    birth_date = SealedField("participant.birth_date")
    address = SealedField("participant.address")
    residence_date = SealedField("participant.residence_date")
    cpr_index = BlindIndexField("participant.cpr", of=("cpr",), normalise=lambda cpr: cpr)
    name_birth_index = BlindIndexField(
        "participant.name_birth", of=("name", "birth_date", "cpr"), normalise=normalise_name_and_birth
    )
    # the clerk confirmed a number whose check digit fails; a worklist may ask for a second look
    check_digit_confirmed = models.BooleanField(default=False)
    # a second look at a confirmed number or a namesake was taken
    doubts_settled_at = models.DateTimeField(null=True)
    # two rows of one person in the plan became that one; this row's identity is erased
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)

    ungated = models.Manager()

    class Meta:
        default_manager_name = "ungated"
        indexes = [
            models.Index(fields=["plan", "registered_at"], name="participant_by_plan"),
            models.Index(fields=["plan", "identification", "id"], name="participant_by_kind"),  # for rates
            models.Index(fields=["cpr_index"], name="participant_by_person"),
            models.Index(fields=["plan", "name_birth_index"], name="participant_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "cpr_index"], name="person_once_per_plan"),
            models.CheckConstraint(
                name="identity_is_whole_or_erased",
                condition=models.Q(
                    erased_at__isnull=False,
                    cpr__isnull=True,
                    name__isnull=True,
                    birth_date__isnull=True,
                    address__isnull=True,
                    residence_date__isnull=True,
                    cpr_index__isnull=True,
                    name_birth_index__isnull=True,
                )
                | models.Q(
                    erased_at__isnull=True,
                    identification=Identification.CPR,
                    cpr__isnull=False,
                    cpr_index__isnull=False,
                )
                | models.Q(
                    erased_at__isnull=True,
                    identification=Identification.NAME_ADDRESS,
                    cpr__isnull=True,
                    name__isnull=False,
                    birth_date__isnull=False,
                    address__isnull=False,
                    residence_date__isnull=False,
                    name_birth_index__isnull=False,
                ),
            ),
        ]

    def __repr__(self) -> str:
        return f"<Participant {self.pk}>"

    __str__ = __repr__
