"""Nobody learns that a resident takes part in another plan: the answer is the same, letter for letter, before and after
they are registered there."""

import re
from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection import cpr as cpr_rules
from consent.actions.enrol import CprIdentity, NameIdentity
from consent.models import Audience
from tests.factories.cast import make_activity, make_participant, make_plan, make_text, make_user
from tests.factories.forms import date_parts, passing_number, typed, typed_name

pytestmark = pytest.mark.django_db
BORN = date(1980, 5, 6)
NUMBER = passing_number(date(1960, 3, 3))
BY_NUMBER = CprIdentity(cpr_rules.parse(NUMBER, date(2026, 1, 1)), "Bodil Ærenlund")
BY_NAME = NameIdentity("Bodil Ærenlund", BORN, "Birkevænget 7, 8000 Aarhus C", date(2012, 6, 1))
# New ids, CSRF tokens, and the seconds until the session ends.
OWN_TO_A_REQUEST = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]{64}|data-age="\d+"')
DOORS = {
    "enrol by number": ("consent:enrol", typed(cpr=NUMBER)),
    "enrol by name": ("consent:enrol", typed_name("Bodil Ærenlund", born=BORN)),
    "the number as it is typed": ("consent:enrol_cpr", typed(cpr=NUMBER)),
    "find by number": ("consent:find", {"identification": "cpr", "cpr": NUMBER}),
    "find by name": (
        "consent:find",
        {"identification": "name_address", "name": "Bodil Ærenlund", **date_parts("birth_date", BORN)},
    ),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("role", [Role.STAFF, Role.COORDINATOR])
def test_the_answer_is_the_same_for_those_of_other_plans_and_for_nobody(client, door, role):
    for audience in Audience:
        make_text(audience)
    activity, elsewhere = make_activity(start=date(2014, 2, 1)), make_activity(make_plan(), start=date(2014, 2, 1))
    user = make_user(role, activity.plan)
    client.force_login(user)
    name, data = DOORS[door]
    path = reverse(name, args=[activity.pk] if name != "consent:find" else [])

    def ask():
        with transaction.atomic():
            answer = client.post(path, data | {"obtained_by": activity.responsible.pk})
            events = Event.objects.filter(actor=str(user.pk)).order_by("-sequence")[:2]
            told = str(list(events.values_list("action", "details")))
            transaction.set_rollback(True)
        text = OWN_TO_A_REQUEST.sub("…", f"{answer.get('Location')} {answer.text}")
        return answer.status_code, text, OWN_TO_A_REQUEST.sub("…", told)

    nobody = ask()
    for identity in (BY_NUMBER, BY_NAME):
        make_participant(elsewhere, identity)
    assert ask() == nobody
    make_participant(activity, BY_NUMBER if "number" in door else BY_NAME)
    if door != "the number as it is typed":  # which is about the number alone
        assert ask() != nobody  # of one's own plan one is told
