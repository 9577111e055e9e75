"""A person has one code in a project for good, another one in every other project, and nobody else ever gets it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections, transaction

from consent.actions.correct import set_number
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from exports import pseudonymise
from exports.models import Pseudonym
from exports.pseudonymise import ProjectCodes
from exports.pseudonyms import new_codes
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant, make_user
from tests.factories.deliveries import make_delivery, make_project

pytestmark = pytest.mark.django_db


def codes_of(project, *people) -> list[str | None]:
    known = ProjectCodes(project).known(person.pk for person in people)
    return [known.get(person.pk) for person in people]


def test_the_code_is_the_same_in_every_delivery_also_when_the_person_later_gets_a_number(project, activity, evaluator):
    people = [make_participant(activity) for _ in range(4)]
    nameless = make_participant(activity, make_name_identity(born=date(1987, 6, 4)))
    make_delivery(project, by=evaluator)
    before = codes_of(project, *people, nameless)
    number = make_identity(born=date(1987, 6, 4)).cpr
    set_number(by=activity.responsible, participant=nameless, number=number)
    make_participant(activity)
    make_delivery(project, by=evaluator)
    assert codes_of(project, *people, nameless) == before
    assert len(set(before)) == 5


def test_other_projects_have_other_codes(project, activity, evaluator):
    people = [make_participant(activity) for _ in range(4)]
    other = make_project(evaluator)
    for each in (project, other):
        make_delivery(each, by=evaluator)
    assert not set(codes_of(project, *people)) & set(codes_of(other, *people))
    stored = [
        {bytes(row.lookup) for row in Pseudonym.objects.filter(project=each)}
        | {bytes(row.code_index) for row in Pseudonym.objects.filter(project=each)}
        for each in (project, other)
    ]
    assert not stored[0] & stored[1]  # nor do the rows of one person look alike


def test_who_withdrew_keeps_the_code_and_who_comes_back_gets_a_new_one(project, activity, evaluator):
    identity = make_identity()
    person = make_participant(activity, identity)
    for _ in range(3):
        make_participant(activity)
    make_delivery(project, by=evaluator)
    [code] = codes_of(project, person)
    withdraw(by=make_user(), participant=person, purpose=Purpose.objects.get(pk=EVALUATION), withdrawn_on=date.today())
    again = make_participant(activity, identity)
    make_delivery(project, by=evaluator)
    assert codes_of(project, person) == [code]
    assert codes_of(project, again) not in ([code], [None])


def test_a_code_that_the_project_has_used_is_drawn_again(project, activity, monkeypatch):
    people = [make_participant(activity) for _ in range(3)]
    used, free = new_codes(2)
    draws = iter([[used], [used], [used], [free]])
    monkeypatch.setattr(pseudonymise, "new_codes", lambda count: next(draws))
    with transaction.atomic():
        assert ProjectCodes(project).codes_for([[people[0].pk]]) == [used]
        assert ProjectCodes(project).codes_for([[people[1].pk]]) == [free]
    assert ProjectCodes(project).whose(used) == [people[0].pk]


def test_a_code_leads_to_its_person_also_the_one_that_they_had_before(project, activity):
    first, second = (make_participant(activity) for _ in range(2))
    with transaction.atomic():
        codes = ProjectCodes(project)
        kept, earlier = codes.codes_for([[first.pk], [second.pk]])
        codes.codes_for([[first.pk, second.pk]])  # one person, as it turned out
    assert sorted(codes.whose(kept)) == sorted([first.pk, second.pk])
    assert codes.whose(earlier) == [second.pk]
    assert codes.whose(new_codes(1)[0]) == []


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_the_same_time_give_each_person_one_code(evaluator):
    project, activity = make_project(evaluator), make_activity()
    people = [make_participant(activity) for _ in range(20)]
    together = Barrier(2)

    def made() -> list[str]:
        try:
            codes = ProjectCodes(project)
            together.wait(10)
            with transaction.atomic():
                return codes.codes_for([[person.pk] for person in people])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        one, other = [pool.submit(made) for _ in range(2)]
        assert one.result() == other.result()
    assert Pseudonym.objects.count() == 20


def test_the_sealed_rows_say_nothing_without_the_key(project, activity):
    person = make_participant(activity)
    with transaction.atomic():
        [code] = ProjectCodes(project).codes_for([[person.pk]])
    row = Pseudonym.objects.get()
    for column in (row.lookup, row.code_index, row.sealed):
        assert person.pk.bytes not in bytes(column)
        assert code.encode() not in bytes(column)
