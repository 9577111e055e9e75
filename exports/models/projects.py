"""Evaluation projects and their pseudonyms."""

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models import Purpose


class EvaluationProject(models.Model):
    """What data are asked for: approved by Statistics Denmark under a number, with a list of variables."""

    class Grain(models.TextChoices):
        PARTICIPATION = "participation", _("person og forløb")
        PERSON = "person", _("person")

    class DataAt(models.TextChoices):
        DST = "dst", _("Hos Danmarks Statistik: datafilen uploades dertil, og evaluator arbejder der")
        OWN = "own", _("Hos evaluator selv")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Navn"), max_length=150)
    dst_number = models.CharField(
        _("Projektnummer hos Danmarks Statistik"),
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{6}$", _("Projektnummeret er seks cifre."))],
    )
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="+", verbose_name=_("Formål"))
    first_year = models.PositiveSmallIntegerField(_("Første år"))
    last_year = models.PositiveSmallIntegerField(_("Sidste år"))
    variables = models.JSONField(_("Godkendte variabler"), default=list)  # names of exports.linkage.schema
    minimum_count = models.PositiveSmallIntegerField(
        _("Mindste antal i en celle"),
        default=5,
        validators=[MinValueValidator(3, _("Danmarks Statistik kræver mindst 3."))],
    )
    k = models.PositiveSmallIntegerField(
        _("Mindste gruppe (k)"),
        default=5,
        validators=[MinValueValidator(3, _("Danmarks Statistik kræver mindst 3."))],
    )  # of people who have the same values of the variables that could point at somebody
    grain = models.CharField(_("Én række for hver"), max_length=13, choices=Grain.choices, default=Grain.PARTICIPATION)
    data_at = models.CharField(_("Hvor datafilen bruges"), max_length=3, choices=DataAt.choices, default=DataAt.DST)
    # what the project asks Statistics Denmark for: [{"register", "name", "first_year", "last_year"}]
    register_variables = models.JSONField(_("Registervariabler"), default=list, blank=True)
    # a data controller's decision, which the next order of another comparison group uses up (exports.groups)
    another_group = models.CharField(
        _("Hvorfor projektet må få endnu en sammenligningsgruppe"), max_length=500, blank=True
    )
    ends_on = models.DateField(_("Data slettes senest"), null=True, blank=True)  # by all recipients
    ended_at = models.DateTimeField(null=True)  # its key was destroyed then, and with it every pseudonym
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    evaluators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="evaluation_projects", blank=True, verbose_name=_("Evaluatorer")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_year__lte=models.F("last_year")), name="project_years_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Pseudonym(models.Model):
    """A participant's code in a project, all of it under the project's key, which is in no database.

    `lookup` finds the row of a participant, `code_index` the row of a code (both HMAC-SHA256 to 16 bytes);
    `sealed` holds the participant's id and the code. With the key destroyed, the row says nothing.
    """

    project = models.ForeignKey(EvaluationProject, on_delete=models.PROTECT, related_name="+")
    lookup = models.BinaryField(max_length=16)
    code_index = models.BinaryField(max_length=16)
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "lookup"], name="one_pseudonym_per_participant")]
        indexes = [models.Index(fields=["project", "code_index"], name="pseudonym_by_code")]
