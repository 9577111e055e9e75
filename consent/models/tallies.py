"""People without consent: counted, never identified."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models.activities import Activity


class Outcome(models.TextChoices):
    REFUSED = "refused", _("Sagde nej")
    NOT_ASKED = "not_asked", _("Ikke spurgt")
    NOT_REACHED = "not_reached", _("Ikke truffet")


class Tally(models.Model):
    """A change to the count of an outcome in an activity and year; the count is the sum of its changes.

    A later yes lowers the earlier count by a change of -1.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="tallies")
    year = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    change = models.SmallIntegerField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [models.Index(fields=["activity", "year", "outcome"], name="tally_sum")]
