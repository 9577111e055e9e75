"""Answers given on the screen, made by the same actions as on the site."""

from consent.actions.screen import answer_sitting, start_sitting
from consent.models import Audience, ScreenAnswer, Text
from tests.factories.cast import make_text

SIGNATURE = "M100 200L300 120L500 260L700 140"


def make_answer(activity, *, text: Text | None = None, by=None, answer: str = "yes", signature: str = SIGNATURE):
    """A sitting of `activity` that was answered; "" leaves it open."""
    by = by or activity.responsible
    sitting = start_sitting(by=by, activity=activity, text=text or make_text(Audience.ADULT))
    if answer:
        answer_sitting(by=by, sitting=sitting, answer=answer, signature=signature if answer == "yes" else "")
    return ScreenAnswer.objects.get(pk=sitting.pk)
