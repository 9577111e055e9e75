"""Decisions stay as they were written, whoever asks the database to change them."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from audit import triggers
from consent.models import Decision, Kind, Method
from tests.factories.cast import make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision():
    return Decision.objects.get(participant=make_participant())


def refused(statement: str, *parameters) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


def test_no_fact_of_a_decision_can_be_changed(decision):
    before = Decision.objects.values().get(pk=decision.pk)
    changes = {
        "id": 10**6,
        "purpose_id": "other",
        "text_id": None,
        "kind": Kind.REFUSED,
        "decided_on": date(2015, 1, 1),
        "method": Method.DIGITAL,
        "obtained_by_id": None,
        "guardian_relation": "mother",
        "lapses_on": date(2030, 1, 1),
        "reason": "other",
        "recorded_by_id": None,
        "recorded_at": datetime(2015, 1, 1, tzinfo=UTC),
    }
    assert changes.keys() == before.keys() - {"participant_id"}
    for column, value in changes.items():
        assert refused(f"UPDATE consent_decision SET {column} = %s WHERE id = {decision.pk}", value), column
    assert Decision.objects.values().get(pk=decision.pk) == before


def test_no_decision_can_be_deleted_or_replaced(decision):
    assert refused("DELETE FROM consent_decision")
    if connection.vendor == "postgresql":
        connection.check_constraints()  # nothing pending, which would refuse TRUNCATE too
        assert refused("TRUNCATE consent_decision CASCADE")
    else:
        assert refused("INSERT OR REPLACE INTO consent_decision SELECT * FROM consent_decision")
    assert Decision.objects.filter(pk=decision.pk).exists()


def test_a_merge_moves_a_decision_to_the_persons_other_row(decision):
    other = make_participant()
    Decision.objects.filter(pk=decision.pk).update(participant=other)
    assert Decision.objects.get(pk=decision.pk).participant_id == other.pk


def test_a_missing_trigger_is_told():
    assert "consent_decision_no_update" not in triggers.missing()
    triggers.uninstall()
    assert {"consent_decision_no_update", "consent_decision_no_delete"} <= set(triggers.missing())
    triggers.install()
