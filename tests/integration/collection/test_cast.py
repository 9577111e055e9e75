"""The invented people of the tests are what they say."""

from datetime import date

import pytest

from collection.cpr import passes_modulus_11
from consent.gate import is_usable
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant, make_participation


@pytest.mark.django_db
def test_everybody_in_the_cast_has_a_valid_consent():
    activity = make_activity()
    for identity in (make_identity(), make_identity(born=date(2008, 5, 4)), make_name_identity()):
        participant = make_participant(activity, identity, decided_on=date(2016, 2, 2))
        assert is_usable(participant.pk, "evaluation", on=date(2016, 2, 2))


@pytest.mark.django_db
def test_the_same_identity_in_another_activity_is_the_same_row():
    activity = make_activity()
    other = make_activity(activity.plan)
    identity = make_identity()
    assert make_participation(activity, identity).participant == make_participation(other, identity).participant


def test_numbers_of_the_cast_fail_modulus_11():
    identities = [make_identity() for _ in range(500)]
    assert not any(passes_modulus_11(identity.cpr.digits) for identity in identities)
    assert len({identity.cpr.digits for identity in identities}) == 500
    assert not any((identity.birth_date.month, identity.birth_date.day) == (1, 1) for identity in identities)
