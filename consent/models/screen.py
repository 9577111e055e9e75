"""An answer given on the screen, before it is known to whom it belongs."""

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models.activities import Activity
from consent.models.texts import Text
from crypto.fields import SealedField

KEPT_FOR = timedelta(hours=24)  # an answer that nobody was registered with is deleted then


class ScreenAnswer(models.Model):
    """One sitting in which somebody reads a text on the staff's device and says yes or no.

    Nothing here says who. A yes waits, with its signature sealed, until staff enrol the person with it (`used_at`);
    a no raises the activity's count. Unused answers are deleted after a day.
    """

    class Answer(models.TextChoices):
        YES = "yes", _("Ja")
        NO = "no", _("Nej")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    signature = SealedField("screen_answer.signature")  # SVG path data of the strokes
    used_at = models.DateTimeField(null=True)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody can still be enrolled with it."""
        if self.answer != self.Answer.YES or self.answered_at is None or self.used_at is not None:
            return False
        return self.answered_at > datetime.now(UTC) - KEPT_FOR
