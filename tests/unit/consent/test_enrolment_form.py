"""What the enrolment form refuses, and what it asks about."""

from datetime import date

import pytest

from collection.cpr import CprWarning
from consent.forms.enrolment import EnrolForm
from consent.models import Audience
from tests.factories.cast import cpr_text, make_activity, make_plan, make_text, make_user
from tests.factories.forms import date_parts, passing_number, typed, typed_name

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def activity():
    for audience in Audience:
        make_text(audience)
    return make_activity(make_plan(), start=date(2014, 2, 1), end=date(2016, 12, 31), age_from=15, age_to=99)


def filled(activity, data) -> EnrolForm:
    form = EnrolForm(
        data | {"obtained_by": activity.responsible.pk}, activity=activity, by=activity.responsible, today=TODAY
    )
    form.is_valid()
    return form


def test_a_plain_enrolment_is_valid_and_asks_nothing(activity):
    form = filled(activity, typed(cpr=passing_number()))
    assert form.errors == {}
    assert form.questions == []
    assert form.consent.text.version.document.audience == Audience.ADULT
    assert form.began.precision == "year"


def test_a_failing_check_digit_is_asked_about_until_the_number_is_typed_again(activity):
    number = cpr_text(date(1961, 7, 7))
    form = filled(activity, typed(cpr=number))
    assert form.errors == {}
    assert form.warnings == [CprWarning.CHECK_DIGIT]
    assert [question.target for question in form.questions] == ["id_cpr_again"]
    confirmed = filled(activity, typed(cpr=number, cpr_again=f"{number[:6]}-{number[6:]}"))
    assert confirmed.questions == []
    assert confirmed.identity.check_digit_confirmed


def test_two_numbers_that_differ_are_refused(activity):
    form = filled(activity, typed(cpr=cpr_text(date(1961, 7, 7)), cpr_again=cpr_text(date(1961, 7, 7), 5)))
    assert list(form.errors) == ["cpr_again"]


def test_what_stands_in_the_second_field_does_not_matter_for_a_number_without_doubt(activity):
    form = filled(activity, typed(cpr=passing_number(), cpr_again="noget gammelt"))
    assert form.errors == {}


def test_an_age_outside_the_target_is_asked_about(activity):
    born = date(2010, 5, 5)
    number = passing_number(born)
    child = typed(cpr=number, audience="guardian", guardian_relation="mother", decided_on=date(2016, 3, 1))
    form = filled(activity, child)
    assert form.warnings == [CprWarning.OUTSIDE_TARGET]
    assert form.questions
    assert not filled(activity, child | {"cpr_again": number}).questions


def test_a_start_of_low_precision_is_outside_the_target_only_if_every_day_of_it_is(activity):
    fifteen_in_july = passing_number(date(2001, 7, 1))
    youth = {"audience": "youth", "decided_on": date(2016, 8, 1)}
    assert filled(activity, typed(cpr=fifteen_in_july, start_year="2016", **youth)).warnings == []
    before = filled(activity, typed(cpr=fifteen_in_july, start_year="2015", **youth))
    assert before.warnings == [CprWarning.OUTSIDE_TARGET]


def test_over_110_is_asked_about_by_number_and_by_birth_date(activity):
    form = filled(activity, typed(cpr=passing_number(date(1905, 5, 5))))
    assert form.warnings == [CprWarning.OVER_110, CprWarning.OUTSIDE_TARGET]
    old = typed_name(born=date(1905, 5, 5))
    form = filled(activity, old)
    assert {question.target for question in form.questions} == {"id_birth_date_confirmed"}
    assert not filled(activity, old | {"birth_date_confirmed": "on"}).questions


@pytest.mark.parametrize(
    "born, audience, fits",
    [
        (date(1998, 3, 10), "adult", True),  # 18 on the day
        (date(1998, 3, 11), "adult", False),
        (date(1998, 3, 11), "youth", True),
        (date(2001, 3, 10), "youth", True),  # 15 on the day
        (date(2001, 3, 11), "youth", False),
        (date(2001, 3, 11), "guardian", True),
    ],
)
def test_the_text_must_fit_the_age_on_the_day_of_the_consent(activity, born, audience, fits):
    relation = {"guardian_relation": "mother"} if audience == "guardian" else {}
    form = filled(
        activity, typed(cpr=passing_number(born), audience=audience, decided_on=date(2016, 3, 10), **relation)
    )
    assert ("audience" not in form.errors) == fits


def test_a_misfit_says_which_text_to_show(activity):
    form = filled(activity, typed(cpr=passing_number(date(2005, 3, 11))))
    assert form.errors["audience"] == [
        "Personen var 10 år den 10. marts 2016. Vælg »Forælder eller værge, for et barn under 15 år«, og vis den tekst."
    ]


def test_a_child_needs_the_relation_of_who_consents_and_an_adult_has_none(activity):
    child = typed(cpr=passing_number(date(2010, 5, 5)), audience="guardian")
    assert list(filled(activity, child).errors) == ["guardian_relation"]
    adult = filled(activity, typed(cpr=passing_number(), guardian_relation="mother"))
    assert adult.errors == {}
    assert adult.consent.guardian_relation == ""


@pytest.mark.parametrize("field", ["name", "birth_date", "address", "residence_date"])
def test_without_a_number_all_four_facts_are_needed(activity, field):
    data = {key: value for key, value in typed_name().items() if not key.startswith(field)}
    assert list(filled(activity, data).errors) == [field]


def test_a_name_of_signs_only_is_no_name(activity):
    assert list(filled(activity, typed_name("...")).errors) == ["name"]


def test_the_choice_of_identity_decides_and_the_rest_is_ignored(activity):
    form = filled(activity, typed_name() | {"cpr": "ikke et nummer"})
    assert form.errors == {}
    form = filled(activity, typed(cpr=passing_number(), name="", birth_date_day="99"))
    assert form.errors == {}


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"start_year": "2027"}, "start"),
        ({"start_year": "2013"}, "start"),
        ({"start_year": "2017"}, "start"),
        (date_parts("start", date(2016, 5, 1)) | date_parts("end", date(2016, 4, 1)), "end"),
        (date_parts("end", date(2027, 1, 1)), "end"),
        (date_parts("end", date(2017, 1, 1)), "end"),
        (date_parts("decided_on", date(2026, 11, 24)), "decided_on"),
        (date_parts("decided_on", date(1950, 1, 2)), "decided_on"),
        ({"method": ""}, "method"),
        ({"role": "tante"}, "role"),
        ({"wording": "tr"}, "wording"),
        ({"cpr": "12345"}, "cpr"),
        ({"cpr": ""}, "cpr"),
    ],
)
def test_refuses_at_the_field(activity, changes, field):
    assert list(filled(activity, typed(cpr=passing_number()) | changes).errors) == [field]


def test_nobody_begins_before_their_birth(activity):
    activity.age_from = None
    child = typed(
        cpr=passing_number(date(2016, 6, 1)),
        audience="guardian",
        guardian_relation="father",
        decided_on=date(2016, 9, 1),
        start_year="2015",
    )
    assert list(filled(activity, child).errors) == ["start"]
    assert filled(activity, child | {"start_year": "2016"}).errors == {}


def test_only_colleagues_of_the_plan_can_have_obtained_a_consent(activity):
    stranger = make_user("staff", make_plan())
    form = EnrolForm(
        typed(cpr=passing_number(), obtained_by=stranger.pk), activity=activity, by=activity.responsible, today=TODAY
    )
    assert list(form.errors) == ["obtained_by"]


def test_an_earlier_version_that_is_still_in_use_can_be_chosen(activity):
    from datetime import UTC, datetime

    from consent.models import Document, Text, Version

    document = Document.objects.get(audience="adult")
    newer = Version.objects.create(document=document, number=2, published_at=datetime(2016, 1, 1, tzinfo=UTC))
    Text.objects.create(version=newer, language="da", title="Ny", body="Ny", sha256=Text.hash_of("Ny", "Ny"))
    assert filled(activity, typed(cpr=passing_number())).consent.text.version.number == 2
    assert filled(activity, typed(cpr=passing_number(), wording="da-1")).consent.text.version.number == 1
