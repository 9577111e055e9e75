"""Looking one code up: whose is it?

An evaluator asks about a code, never about a person; only the data controller can answer. So that nobody turns a data
file back into people, one code is asked at a time, a limited number of times in an hour, with a reason, and every
answer is audited: also "nobody". The code itself is not recorded: beside the persons concerned it would be the mapping.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Event
from audit.recording import audited
from exports.models import EvaluationProject
from exports.policies import check_can_look_up
from exports.pseudonymise import ProjectCodes

LIMIT = 20
WINDOW = timedelta(hours=1)
FOUND, NOBODY = "pseudonym.looked_up", "pseudonym.not_found"


class LookUpReason(models.TextChoices):
    """Why a code is looked up: a code, never free text."""

    QUESTION = "question", _("Evaluator spørger, om en oplysning er rigtig")
    NOT_LINKED = "not_linked", _("Danmarks Statistik kunne ikke koble koden")
    DELETION = "deletion", _("Det skal afklares, om koden skal slettes")


class TooManyLookUps(Exception):
    """`by` has looked LIMIT codes up within the last hour. Said before the look-up."""


def look_up(*, by: Any, project: EvaluationProject, code: str, reason: LookUpReason) -> list[UUID]:
    """The participant rows that have or had `code`: those of one person, or none.

    Raises NotAllowed, TooManyLookUps, and KeyUnavailable when the project's key is gone.
    """
    check_can_look_up(by, project)
    with audited(by=by) as log:
        User.objects.select_for_update().get(pk=by.pk)  # asked twice at once: counted one after the other
        asked = Event.objects.filter(actor=str(by.pk), action__in=(FOUND, NOBODY), at__gte=datetime.now(UTC) - WINDOW)
        if asked.count() >= LIMIT:
            raise TooManyLookUps
        found = ProjectCodes(project).whose(code)
        log(FOUND if found else NOBODY, project, subjects=found, reason=LookUpReason(reason).value)
    return found
