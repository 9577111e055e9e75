"""Activity types, activities, and estimates of how many took part in all."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from collection.models.plans import Plan


class Theme(models.TextChoices):
    PARENTING = "parenting", _("Forældrekompetencer og børns trivsel")
    EDUCATION = "education", _("Skole og uddannelse")
    EMPLOYMENT = "employment", _("Beskæftigelse")
    CRIME_PREVENTION = "crime_prevention", _("Kriminalpræventiv indsats")


class TypeGroup(models.TextChoices):
    NETWORKS_AND_SKILLS = "networks_and_skills", _("Styrkelse af forældres kompetencer og netværk")
    COUNSELLING_AND_SUPPORT = "counselling_and_support", _("Rådgivning og støtte")


class ActivityType(models.Model):
    """A known type of activity. `number` is its code in data files."""

    code = models.SlugField(primary_key=True, max_length=50)
    number = models.PositiveSmallIntegerField(unique=True)
    name_da = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    theme = models.CharField(max_length=30, choices=Theme.choices)
    group = models.CharField(max_length=30, choices=TypeGroup.choices, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "da").startswith("en") else self.name_da


class Activity(models.Model):
    """Something that residents take part in: a type, a period, somebody responsible."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="activities")
    type = models.ForeignKey(ActivityType, on_delete=models.PROTECT, related_name="+", verbose_name=_("Type"))
    name = models.CharField(_("Navn"), max_length=150)
    start = models.DateField(_("Start"))
    end = models.DateField(_("Slut"), null=True, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Ansvarlig")
    )
    # the ages the activity is meant for; a participant outside them is a warning, never a refusal
    age_from = models.PositiveSmallIntegerField(_("Fra alder"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("Til alder"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="activity_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Headcount(models.Model):
    """An estimate of how many took part in an activity in a year. Kept as revisions: the newest counts."""

    class Basis(models.TextChoices):
        LIST = "list", _("Deltagerlister")
        COUNTED = "counted", _("Optalt undervejs")
        MEMORY = "memory", _("Skøn efter hukommelsen")
        OTHER = "other", _("Andet")

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="headcounts")
    year = models.PositiveSmallIntegerField(_("År"))
    estimate = models.PositiveIntegerField(_("Antal deltagere i alt"))
    basis = models.CharField(_("Grundlag"), max_length=10, choices=Basis.choices)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["activity", "year", "-id"], name="headcount_latest")]
