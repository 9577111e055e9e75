"""Finding somebody's registration when only the person is there, so that they can take their consent back.

As the answer tells who takes part, it is about the user's own plans (the data controller's are all), limited in an
hour, and every answer is audited: also "nobody".
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q

from accounts.models import User
from audit.models import Event
from audit.recording import audited
from collection.models import Participant
from collection.names import name_birth_key
from consent.policies import participants_of
from crypto.blind import lookup_values

LIMIT = 30
WINDOW = timedelta(hours=1)
FOUND, NOBODY = "person.found", "person.not_found"


class TooManySearches(Exception):
    """`by` has searched LIMIT times in the last hour. Said before the look-up."""


def find_by_number(*, by: User, digits: str) -> list[Participant]:
    """The person with this CPR number: none or one row, whatever the number of plans. Raises TooManySearches."""
    return _find(by, Q(cpr_index__in=lookup_values("participant.cpr", digits)), kind="cpr")


def find_by_name(*, by: User, name: str, birth_date: date) -> list[Participant]:
    """Those of this name and birth date, a row for each number and each person without one. Raises TooManySearches."""
    key = name_birth_key(name, birth_date)
    return _find(by, Q(name_birth_index__in=lookup_values("participant.name_birth", key)), kind="name_address")


def _find(by: User, wanted: Q, *, kind: str) -> list[Participant]:
    with audited(by=by) as log:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # asked at once: counted one after the other
        since = datetime.now(UTC) - WINDOW
        if Event.objects.filter(actor=str(by.pk), action__in=(FOUND, NOBODY), at__gte=since).count() >= LIMIT:
            raise TooManySearches
        rows = list(participants_of(by).filter(wanted).select_related("plan").order_by("registered_at", "pk"))
        log(FOUND if rows else NOBODY, subjects=[row.pk for row in rows], identification=kind)
    return _one_each(rows)


def _one_each(rows: Sequence[Participant]) -> list[Participant]:
    """Rows of one number are one person, of whom the first row is enough: their consent ends in all of them."""
    return list({row.cpr_index or row.pk: row for row in reversed(rows)}.values())[::-1]
