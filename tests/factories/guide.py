"""The invented plan of the guides' pictures: the same people, activities and days in every run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from accounts.permissions import Role
from collection import cpr as cpr_rules
from collection.models import Activity, Participation, Plan
from consent.actions.count import count_without_consent
from consent.actions.enrol import CprIdentity, NameIdentity, Start, enrol
from consent.actions.given import GivenConsent
from consent.actions.publish import publish_examples
from consent.models import Audience, Method, Outcome
from consent.queries import texts_in_use
from tests.factories.cast import cpr_text, make_activity, make_estimate, make_plan, make_user
from tests.factories.clock import Clock, today_is
from tests.factories.forms import passing_number

TODAY = date(2026, 11, 12)
DOUBTFUL = cpr_text(date(1988, 2, 14))  # its check digit fails


@dataclass
class Quarter:
    """One plan, who works in it, and its activities; `clock` is what the site takes for the time."""

    clock: Clock
    plan: Plan
    karen: User  # the coordinator
    mette: User  # responsible for the café
    lene: User  # responsible for the others
    cafe: Activity
    mothers: Activity
    advice: Activity  # nobody is registered yet


@contextmanager
def quarter() -> Iterator[Quarter]:
    with today_is(date(2022, 2, 3)) as clock:
        publish_examples(None)
        plan = make_plan("Kvarteret ved Søen", start=date(2022, 1, 1), end=date(2027, 12, 31))
        plan.contact_name, plan.contact_phone = "Beboerhuset ved Søen", "12 34 56 78"
        plan.save()
        karen = make_user(Role.COORDINATOR, plan, name="Karen Holm", username="karen")
        mette = make_user(Role.STAFF, plan, name="Mette Sand", username="mette")
        lene = make_user(Role.STAFF, plan, name="Lene Dahl", username="lene")
        cafe = make_activity(plan, name="Familiecafé om torsdagen", start=date(2022, 2, 3), responsible=mette)
        mothers = make_activity(
            plan, type="mothers_groups", name="Mødregruppe", responsible=lene,
            start=date(2024, 9, 2), end=date(2026, 6, 19),
        )  # fmt: skip
        advice = make_activity(
            plan, type="open_counselling", name="Åben rådgivning", start=date(2026, 8, 17), responsible=lene
        )
        here = Quarter(clock, plan, karen, mette, lene, cafe, mothers, advice)
        _fill(here)
        clock.today = TODAY
        yield here


def someone(
    here: Quarter, activity: Activity, day: date, born: date, name: str, role: str = "mother", *, number: str = ""
) -> Participation:
    """Registered by number on the day that they began and consented on paper."""
    cpr = cpr_rules.parse(number or passing_number(born), TODAY)
    return _enrol(here, activity, day, CprIdentity(cpr, name, check_digit_confirmed=bool(number)), role)


def someone_without_number(here: Quarter, activity: Activity, day: date, born: date, name: str) -> Participation:
    identity = NameIdentity(name, born, "Birkevænget 7, 1. tv., 8000 Aarhus C", day)
    return _enrol(here, activity, day, identity, "father")


def _enrol(here: Quarter, activity: Activity, day: date, identity, role: str) -> Participation:
    here.clock.today = day
    audience = Audience.for_age(cpr_rules.age_on(identity.birth_date, day))
    consent = GivenConsent(
        text=texts_in_use().get(version__document__audience=audience, language="da"),
        method=Method.PAPER,
        decided_on=day,
        obtained_by=activity.responsible,
        guardian_relation="mother" if audience == Audience.GUARDIAN else "",
    )
    return enrol(
        by=activity.responsible, activity=activity, consent=consent, identity=identity, start=Start(day, "day", role)
    )


def _fill(here: Quarter) -> None:
    someone(here, here.cafe, date(2022, 3, 3), date(1981, 7, 7), "Bodil Ærenlund")
    someone(here, here.cafe, date(2022, 5, 5), date(2008, 12, 20), "Samira", "child")  # will be 18 soon
    someone(here, here.cafe, date(2022, 9, 1), date(1979, 4, 23), "Cabdi Warsame", "father")
    someone(here, here.cafe, date(2024, 1, 11), date(1990, 10, 2), "Дарина Шевченко")
    someone(here, here.mothers, date(2024, 9, 2), date(1994, 8, 30), "Esther Højgaard")
    someone(here, here.mothers, date(2024, 10, 7), date(1996, 3, 18), "Leyla")
    someone_without_number(here, here.cafe, date(2025, 3, 6), date(1984, 11, 9), "Amir Haddad")
    someone(here, here.cafe, date(2025, 8, 21), date(1986, 6, 12), "Ayşe Yılmaz", number=cpr_text(date(1986, 6, 12)))
    for year, of_cafe, of_mothers in ((2022, 12, 0), (2023, 10, 0), (2024, 11, 6), (2025, 12, 9)):
        here.clock.today = date(year, 12, 10)
        make_estimate(here.cafe, year, of_cafe)
        if of_mothers:
            make_estimate(here.mothers, year, of_mothers, basis="list")
        for outcome in (Outcome.REFUSED, Outcome.REFUSED, Outcome.NOT_ASKED):
            count_without_consent(by=here.mette, activity=here.cafe, year=year, outcome=outcome)
