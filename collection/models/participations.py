"""Participations: a person took part in an activity from a day, month or year on, in a role."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models.activities import Activity
from collection.models.participants import Participant


class Precision(models.TextChoices):
    """How exactly a date is known. A date of lower precision is stored as the period's first day."""

    DAY = "day", _("Dag")
    MONTH = "month", _("Måned")
    YEAR = "year", _("År")


class FamilyRole(models.TextChoices):
    MOTHER = "mother", _("Mor")
    FATHER = "father", _("Far")
    OTHER_GUARDIAN = "other_guardian", _("Anden værge")
    CHILD = "child", _("Barn")
    OTHER = "other", _("Anden")


class Participation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    start = models.DateField()
    start_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    end = models.DateField(null=True, blank=True)
    role = models.CharField(max_length=15, choices=FamilyRole.choices)

    ungated = models.Manager()

    class Meta:
        default_manager_name = "ungated"
        indexes = [
            models.Index(fields=["activity", "start"], name="participation_by_activity"),
            # holds all that rates count everybody's by, in the order of their decisions
            models.Index(fields=["participant", "activity", "start", "end"], name="participation_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["participant", "activity", "start"], name="one_start_per_day"),
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="participation_ends_after_start",
            ),
        ]

    def __repr__(self) -> str:
        return f"<Participation {self.pk}>"

    __str__ = __repr__
