"""One cast of invented people, plans and activities for all tests.

    plan = make_plan()
    coordinator = make_user(Role.COORDINATOR, plan)
    activity = make_activity(plan)
    participant = make_participant(activity)

People enter by the same actions as on the site, so every test also has their decisions and audit events.
The CPR numbers fail modulus 11 and are no 1 January: as far as is known, such numbers have not been issued.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import count

from accounts.models import User
from accounts.permissions import Role
from collection import cpr as cpr_rules
from collection.actions.activities import estimate_headcount
from collection.models import Activity, ActivityType, Headcount, Membership, Participant, Participation, Plan, Precision
from consent.actions.enrol import CprIdentity, NameIdentity, Start, enrol
from consent.actions.given import GivenConsent, eighteenth_birthday
from consent.models import Audience, Document, Method, Purpose, Text, Version
from consent.queries import EVALUATION
from tests.factories.clock import today_is

PASSWORD = "regnvejr og rugbrød 12"
NAMES = (
    "Ayşe Yılmaz",
    "Bodil Ærenlund",
    "Cabdi Warsame",
    "Дарина Шевченко",
    "Esther Højgaard",
    "فاطمة الزهراء",
    "ግርማይ ተስፋይ",
    "Håkon Øst",
    "Ilse-Marie O’Connor",
    "جمیل احمد",
)

_number = count(1)  # makes names, LBF numbers and identities differ within a run


def make_plan(name: str = "", *, municipality: str = "751", start: date = date(2014, 1, 1), **fields) -> Plan:
    n = next(_number)
    fields = {"lbf_number": f"T-{n:05}", "end": date(start.year + 4, 12, 31)} | fields
    return Plan.objects.create(name=name or f"Helhedsplan {n}", municipality_code=municipality, start=start, **fields)


def make_user(
    role: Role = Role.STAFF, plans: Plan | Iterable[Plan] = (), *, name: str = "", username: str = ""
) -> User:
    """A user who works in `plans` and signs in with PASSWORD (or `client.force_login`)."""
    n = next(_number)
    user = User.objects.create_user(
        username or f"{role}-{n}", role=role, full_name=name or f"{NAMES[n % len(NAMES)]} {n}", password=PASSWORD
    )
    for plan in [plans] if isinstance(plans, Plan) else plans:
        Membership.objects.create(user=user, plan=plan)
    return user


def make_activity(plan: Plan | None = None, *, type: str = "familieindsats", **fields) -> Activity:
    """Runs from 2014 on without an end, unless `start` and `end` say otherwise."""
    plan = plan or make_plan()
    fields.setdefault("name", f"Familieindsats {next(_number)}")
    fields.setdefault("start", date(2014, 2, 1))
    fields["responsible"] = fields.get("responsible") or make_user(Role.STAFF, plan)
    return Activity.objects.create(plan=plan, type=ActivityType.objects.get(code=type), **fields)


def make_estimate(activity: Activity, year: int, estimate: int, *, basis: str = "counted") -> Headcount:
    return estimate_headcount(by=activity.responsible, activity=activity, year=year, estimate=estimate, basis=basis)


def make_text(audience: Audience = Audience.ADULT, language: str = "da") -> Text:
    """The published consent text for an audience, in version 1; made when it isn't there yet."""
    purpose, _ = Purpose.objects.get_or_create(
        code=EVALUATION, defaults={"name_da": "Evaluering", "name_en": "Evaluation"}
    )
    document, _ = Document.objects.get_or_create(purpose=purpose, audience=audience)
    version, _ = Version.objects.get_or_create(
        document=document, number=1, defaults={"is_example": True, "published_at": datetime(2014, 1, 1, tzinfo=UTC)}
    )
    title, body = f"Samtykke ({audience.label})", "Du bestemmer selv. Du kan altid sige nej."
    text, _ = Text.objects.get_or_create(
        version=version,
        language=language,
        defaults={"title": title, "body": body, "sha256": Text.hash_of(title, body)},
    )
    return text


def cpr_text(born: date, n: int = 0) -> str:
    """Ten digits for a birth date between 1937 and 2036; `n` gives different numbers. Fails modulus 11."""
    assert (born.month, born.day) != (1, 1), "a 1 January may be somebody's number"
    century = "4" if born.year >= 2000 else "1"
    serials = (f"{born:%d%m%y}{century}{(n * 2 + step) % 1000:03}" for step in (0, 1))
    return next(digits for digits in serials if not cpr_rules.passes_modulus_11(digits))


def make_identity(*, born: date | None = None, working_name: str | None = None) -> CprIdentity:
    """Somebody known by CPR number: an adult, unless `born` says otherwise; a new person each time."""
    n = next(_number)
    born = born or date(1960, 3, 3) + timedelta(days=n % 9000)
    if (born.month, born.day) == (1, 1):
        born += timedelta(days=1)
    cpr = cpr_rules.parse(cpr_text(born, n % 500), date.today())
    name = NAMES[n % len(NAMES)] if working_name is None else working_name
    return CprIdentity(cpr, name, check_digit_confirmed=True)


def make_name_identity(*, born: date | None = None) -> NameIdentity:
    """Somebody without a CPR number."""
    n = next(_number)
    return NameIdentity(
        name=f"{NAMES[n % len(NAMES)]} {n}",
        birth_date=born or date(1960, 3, 3) + timedelta(days=n % 9000),
        address=f"Birkevænget {n}, 1. tv., 8000 Aarhus C",
        residence_date=date(2012, 6, 1),
    )


def make_participation(
    activity: Activity,
    identity: CprIdentity | NameIdentity | None = None,
    *,
    by: User | None = None,
    start: date | None = None,
    precision: str = Precision.DAY,
    end: date | None = None,
    role: str = "mother",
    decided_on: date | None = None,
    **options,
) -> Participation:
    """Enrols somebody with their consent. The same identity again adds a participation to the person's row.

    `start`: the activity's start if not given; `decided_on`: the day of the consent, by default the start.
    Whose consent by a guardian has lapsed since was registered on the day it was given.
    `options` go to `consent.actions.enrol.enrol`.
    """
    identity = identity or make_identity()
    start = start or activity.start
    decided_on = decided_on or start
    audience = Audience.for_age(cpr_rules.age_on(identity.birth_date, decided_on))
    consent = GivenConsent(
        text=make_text(audience),
        method=Method.PAPER,
        decided_on=decided_on,
        obtained_by=by or activity.responsible,
        guardian_relation="mother" if audience == Audience.GUARDIAN else "",
    )
    child = audience == Audience.GUARDIAN
    come_of_age = child and eighteenth_birthday(identity.birth_date) <= date.today()
    with today_is(decided_on) if come_of_age else nullcontext():
        return enrol(
            by=by or activity.responsible,
            activity=activity,
            consent=consent,
            identity=identity,
            start=Start(start, precision, role, end),
            **{"add_to_registered": True} | options,
        )


def make_participant(activity: Activity | None = None, identity=None, **options) -> Participant:
    """Somebody who takes part in `activity` with consent; options as of `make_participation`."""
    return make_participation(activity or make_activity(), identity, **options).participant
