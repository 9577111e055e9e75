"""What is done at a site of its own by another process: `python -m tests.integration.operations.a_site WHAT`.

enrol: two people, a project, somebody signed in; prints the people's ids. withdraw ID. look: what is there, as JSON.
"""

import json
import sys
from datetime import date
from uuid import UUID

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402

from accounts.permissions import Role  # noqa: E402
from audit.models import Event  # noqa: E402
from collection import identities  # noqa: E402
from collection.models import Participant  # noqa: E402
from consent.actions.proofs import add_signature  # noqa: E402
from consent.actions.withdraw import withdraw  # noqa: E402
from consent.models import Decision, Proof, Purpose  # noqa: E402
from consent.queries import EVALUATION  # noqa: E402
from consent.vault import open_sealed  # noqa: E402
from tests.factories.cast import make_activity, make_participant, make_user  # noqa: E402
from tests.factories.deliveries import make_project  # noqa: E402


def enrol() -> list[str]:
    activity = make_activity()
    people = [make_participant(activity) for _ in range(2)]
    add_signature(Decision.objects.get(participant=people[1]), b"<svg/>", by=activity.responsible)
    make_project(make_user(Role.EVALUATOR), by=make_user(Role.CONTROLLER, username="ansvarlig"))
    SessionStore().create()
    return [str(person.pk) for person in people]


def leave(pk: str) -> None:
    person = Participant.ungated.get(pk=UUID(pk))
    withdraw(by=None, participant=person, purpose=Purpose.objects.get(pk=EVALUATION), withdrawn_on=date(2020, 5, 5))


def look() -> dict:
    people = Participant.ungated.order_by("registered_at")
    reason = identities.Reason.REQUEST
    read = {str(one.pk): identities.read(one, "cpr", by=None, reason=reason) for one in people}
    return {
        "numbers": {pk: None if number is None else len(number.reveal()) == 10 for pk, number in read.items()},
        "decisions": list(Decision.objects.order_by("pk").values_list("kind", flat=True)),
        "proofs": [open_sealed(proof).read().decode() for proof in Proof.objects.all()],
        "sessions": Session.objects.count(),
        "restored": Event.objects.filter(action="backup.restored").count(),
    }


if __name__ == "__main__":
    json.dump({"enrol": enrol, "withdraw": leave, "look": look}[sys.argv[1]](*sys.argv[2:]), sys.stdout)
