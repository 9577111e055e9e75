"""The report of article 15 is whole: each field that tells of a person is in it, or is named here with the reason."""

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from accounts.permissions import Role
from consent.actions.withdraw import withdraw
from consent.models import Decision, Proof, Purpose
from consent.queries import EVALUATION
from exports.field_classes import FIELDS, FieldClass
from rights import report
from rights.models import Kind, Request
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant, make_user
from tests.integration.rights.test_requests import taken_in

pytestmark = pytest.mark.django_db

# Models with a row for the person, or with what such a row refers to.
OF_A_PERSON = (
    *("collection.Plan", "collection.Activity", "collection.Participant", "collection.Participation"),
    *("consent.Decision", "consent.Text", "consent.Version", "rights.Request"),
)
NOT_TOLD = {
    "collection.Plan.contact_name": "of an employee",
    "collection.Plan.contact_phone": "of an employee",
    "collection.Plan.contact_email": "of an employee",
    "collection.Plan.lbf_number": "of the plan, which is told by its name",
    "collection.Plan.municipality_code": "of the plan, which is told by its name",
    "collection.Activity.start": "of the activity, which is told by its name",
    "collection.Activity.end": "of the activity, which is told by its name",
    "collection.Activity.age_from": "of the activity, which is told by its name",
    "collection.Activity.age_to": "of the activity, which is told by its name",
    "collection.Participant.cpr_index": "made from the number, which is told",
    "collection.Participant.name_birth_index": "made from name and birth date, which are told",
    "collection.Participant.identification": "seen from what is told",
}


def html_of(asked: Request) -> str:
    made = report.make(by=asked.recorded_by, request=asked)
    with override("da"):
        return render_to_string("rights/report.html", {"report": made, "texts": []})


def test_each_field_that_tells_of_a_person_is_in_the_report():
    activity = make_activity(name="Mødregruppe Øst")
    by_number, by_name = make_identity(born=date(2010, 6, 4), working_name="Bodil"), make_name_identity()
    begun = {"start": date(2017, 2, 1), "end": date(2017, 3, 2), "role": "child"}
    child = make_participant(activity, by_number, **begun)
    named, left = make_participant(activity, by_name), make_participant(activity)
    by = make_user(Role.CONTROLLER)
    taken_in(child, by, Kind.RECTIFICATION)
    asked = {person: taken_in(person, by) for person in (child, named, left)}
    Proof.objects.create(
        decision=Decision.objects.get(participant=child), kind="signature", media_type="image/svg+xml", size=1,
        sha256="0" * 64, added_by=by,
    )  # fmt: skip
    withdraw(
        by=by, participant=left, purpose=Purpose.objects.get(pk=EVALUATION), withdrawn_on=date.today(), reason="uneasy"
    )
    told = {
        child: {
            "collection.Plan.name": activity.plan.name,
            "collection.Activity.name": "Mødregruppe Øst",
            "collection.Activity.type": str(activity.type),
            "collection.Participant.cpr": f"{by_number.cpr.digits[:6]}-{by_number.cpr.digits[6:]}",
            "collection.Participation.start": "1. februar 2017",
            "collection.Participation.start_precision": "1. februar 2017",
            "collection.Participation.end": "2. marts 2017",
            "collection.Participation.role": "Barn",
            "consent.Decision.decided_on": "1. februar 2017",
            "consent.Decision.kind": "Samtykke givet",
            "consent.Decision.method": "Underskrevet på papir",
            "consent.Decision.guardian_relation": "(mor)",
            "consent.Decision.lapses_on": "gælder til 4. juni 2028",
            "consent.Version.number": "udgave 1",
            "rights.Request.kind": "Berigtigelse",
            "rights.Request.outcome": "Ikke besvaret endnu",
        },
        named: {
            "collection.Participant.name": by_name.name,
            "collection.Participant.birth_date": by_name.birth_date.isoformat(),
            "collection.Participant.address": by_name.address,
            "collection.Participant.residence_date": by_name.residence_date.isoformat(),
        },
        left: {"consent.Decision.reason": "er utryg ved, hvad oplysningerne bruges til"},
    }
    for person, texts in told.items():
        html = html_of(asked[person])
        for field, text in texts.items():
            assert text in html, field
        assert ("af dit samtykke er gemt" in html) is (person == child)
    telling = {
        f"{label}.{name}"
        for label in OF_A_PERSON
        for name, found in FIELDS[label].items()
        if found is not FieldClass.INTERNAL
    }
    # the language of a text stands with the text itself, which follows the report
    assert telling == {*NOT_TOLD, "consent.Text.language"}.union(*told.values())
