"""Loading plans, departments and activities from files: all rows or none, and twice the same as once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from audit.recording import audited
from collection import tables
from collection.fields import refuse_cpr
from collection.models import Activity, ActivityType, AddressKey, Department, Membership, Plan
from collection.tables import Faults, Row, read_table


@dataclass(frozen=True)
class Loaded:
    created: int
    changed: int
    unchanged: int


def load_plans(path: Path, *, by: Any = None) -> Loaded:
    """Columns LBF_NUMMER, NAVN, KOM, START, SLUT; a plan is known by its LBF number. Raises TableRefused."""
    rows = read_table(
        path,
        {
            "LBF_NUMMER": tables.text_up_to(20),
            "NAVN": tables.text_up_to(200),
            "KOM": tables.municipality_code,
            "START": tables.day,
            "SLUT": tables.day,
        },
    )
    faults = Faults()
    _refuse_repeats(rows, ("LBF_NUMMER",), faults)
    _refuse_backwards(rows, faults)
    faults.check()
    outcomes: Counter[str] = Counter()
    with audited(by=by) as log:
        known = {plan.lbf_number: plan for plan in Plan.objects.all()}
        for row in rows:
            plan = known.get(row["LBF_NUMMER"]) or Plan(lbf_number=row["LBF_NUMMER"])
            values = {
                "name": row["NAVN"],
                "municipality_code": row["KOM"],
                "start": row["START"],
                "end": row["SLUT"],
            }
            outcomes[_save(plan, values)] += 1
        if outcomes["created"] or outcomes["changed"]:
            log("plans.loaded", created=outcomes["created"], changed=outcomes["changed"])
    return _loaded(outcomes)


def load_departments(path: Path, *, by: Any = None) -> Loaded:
    """Columns LBF_NUMMER, ORGANISATION, AFDELING, NAVN, KOM, VEJKODE, HUSNR_FRA, HUSNR_TIL: a row per range of houses.

    A department is known by its plan and two numbers; the file's address keys replace those it had. Raises
    TableRefused.
    """
    rows = read_table(
        path,
        {
            "LBF_NUMMER": tables.required,
            "ORGANISATION": tables.whole_number(1, 99_999),
            "AFDELING": tables.whole_number(0, 99_999),
            "NAVN": tables.text_up_to(200),
            "KOM": tables.municipality_code,
            "VEJKODE": tables.street_code,
            "HUSNR_FRA": tables.whole_number(0, 999),
            "HUSNR_TIL": tables.whole_number(0, 999),
        },
    )
    faults = Faults()
    plans = _plans(rows, faults)
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        group = groups[row["LBF_NUMMER"], row["ORGANISATION"], row["AFDELING"]]
        if group and group[0]["NAVN"] != row["NAVN"]:
            faults.add(row, "NAVN", f"is another name than in row {group[0].number} for the same department")
        if row["HUSNR_TIL"] < row["HUSNR_FRA"]:
            faults.add(row, "HUSNR_TIL", "is lower than HUSNR_FRA")
        group.append(row)
    faults.check()
    outcomes: dict[Plan, Counter[str]] = defaultdict(Counter)
    with audited(by=by) as log:
        known = {
            (one.plan_id, one.organisation_number, one.department_number): one
            for one in Department.objects.filter(plan__in=plans.values()).prefetch_related("address_keys")
        }
        for (lbf_number, organisation, number), group in groups.items():
            plan = plans[lbf_number]
            department = known.get((plan.pk, organisation, number)) or Department(
                plan=plan, organisation_number=organisation, department_number=number
            )
            wanted = {(row["KOM"], row["VEJKODE"], row["HUSNR_FRA"], row["HUSNR_TIL"]) for row in group}
            had = _address_keys(department)
            outcome = _save(department, {"name": group[0]["NAVN"]})
            if wanted != had:
                department.address_keys.all().delete()
                AddressKey.objects.bulk_create(_keys(department, wanted))
                outcome = "created" if outcome == "created" else "changed"
            outcomes[plan][outcome] += 1
        _log_by_plan(log, "departments.loaded", outcomes)
    return _loaded(sum(outcomes.values(), Counter()))


def load_activities(path: Path, *, by: Any = None) -> Loaded:
    """Columns LBF_NUMMER, NAVN, TYPE, START, SLUT, ANSVARLIG (a user name), FRA_ALDER, TIL_ALDER.

    An activity is known by its plan and name. TYPE is the type's code or Danish name. SLUT and the ages may be empty.
    Raises TableRefused.
    """
    rows = read_table(
        path,
        {
            "LBF_NUMMER": tables.required,
            "NAVN": tables.text_up_to(150),
            "TYPE": tables.required,
            "START": tables.day,
            "SLUT": tables.optional(tables.day),
            "ANSVARLIG": tables.required,
            "FRA_ALDER": tables.optional(tables.whole_number(0, 120)),
            "TIL_ALDER": tables.optional(tables.whole_number(0, 120)),
        },
    )
    faults = Faults()
    plans = _plans(rows, faults)
    types = {key: one for one in ActivityType.objects.all() for key in (one.code, one.name_da.casefold())}
    members: dict[tuple, User] = {
        (one.plan_id, one.user.username): one.user
        for one in Membership.objects.filter(plan__in=plans.values(), user__is_active=True).select_related("user")
    }
    known: dict[tuple, list[Activity]] = defaultdict(list)
    for activity in Activity.objects.filter(plan__in=plans.values()):
        known[activity.plan_id, activity.name].append(activity)
    _refuse_repeats(rows, ("LBF_NUMMER", "NAVN"), faults)
    _refuse_backwards(rows, faults)
    for row in rows:
        plan = plans.get(row["LBF_NUMMER"])
        if row["TYPE"].casefold() not in types:
            faults.add(row, "TYPE", "is no activity type; see collection/reference/activity_types.csv")
        if plan and (plan.pk, row["ANSVARLIG"]) not in members:
            faults.add(row, "ANSVARLIG", "is no user who works in the plan")
        if plan and len(known[plan.pk, row["NAVN"]]) > 1:
            faults.add(row, "NAVN", "is the name of several activities of the plan: rename them first")
        if row["FRA_ALDER"] is not None and row["TIL_ALDER"] is not None and row["TIL_ALDER"] < row["FRA_ALDER"]:
            faults.add(row, "TIL_ALDER", "is lower than FRA_ALDER")
        try:
            refuse_cpr(row["NAVN"])
        except ValidationError:
            faults.add(row, "NAVN", "looks like a CPR number")
    faults.check()
    outcomes: dict[Plan, Counter[str]] = defaultdict(Counter)
    with audited(by=by) as log:
        for row in rows:
            plan = plans[row["LBF_NUMMER"]]
            activity = next(iter(known[plan.pk, row["NAVN"]]), None) or Activity(plan=plan, name=row["NAVN"])
            values = {
                "type_id": types[row["TYPE"].casefold()].pk,
                "start": row["START"],
                "end": row["SLUT"],
                "responsible_id": members[plan.pk, row["ANSVARLIG"]].pk,
                "age_from": row["FRA_ALDER"],
                "age_to": row["TIL_ALDER"],
            }
            outcomes[plan][_save(activity, values)] += 1
        _log_by_plan(log, "activities.loaded", outcomes)
    return _loaded(sum(outcomes.values(), Counter()))


# --- What the three share -------------------------------------------------------------------------------


def _save(one: Any, values: dict[str, Any]) -> str:
    """created | changed | unchanged"""
    if not one._state.adding and all(getattr(one, name) == value for name, value in values.items()):
        return "unchanged"
    outcome = "created" if one._state.adding else "changed"
    for name, value in values.items():
        setattr(one, name, value)
    one.save()
    return outcome


def _loaded(outcomes: Counter[str]) -> Loaded:
    return Loaded(outcomes["created"], outcomes["changed"], outcomes["unchanged"])


def _log_by_plan(log: Any, action: str, outcomes: dict[Plan, Counter[str]]) -> None:
    for plan, counts in outcomes.items():
        if counts["created"] or counts["changed"]:
            log(action, plan, plan=plan.pk, created=counts["created"], changed=counts["changed"])


def _plans(rows: Iterable[Row], faults: Faults) -> dict[str, Plan]:
    """The plans that a file names, by LBF number."""
    plans = {plan.lbf_number: plan for plan in Plan.objects.all()}
    for row in rows:
        if row["LBF_NUMMER"] not in plans:
            faults.add(row, "LBF_NUMMER", "is no plan that was loaded")
    named = {row["LBF_NUMMER"] for row in rows}
    return {number: plan for number, plan in plans.items() if number in named}


def _refuse_repeats(rows: Iterable[Row], columns: tuple[str, ...], faults: Faults) -> None:
    first: dict[tuple, int] = {}
    for row in rows:
        earlier = first.setdefault(tuple(row[name] for name in columns), row.number)
        if earlier != row.number:
            faults.add(row, columns[-1], f"stands in row {earlier} already")


def _refuse_backwards(rows: Iterable[Row], faults: Faults) -> None:
    for row in rows:
        if row["SLUT"] is not None and row["SLUT"] < row["START"]:
            faults.add(row, "SLUT", "is before START")


def _address_keys(department: Department) -> set[tuple]:
    if department._state.adding:
        return set()
    return {
        (one.municipality_code, one.street_code, one.house_from, one.house_to) for one in department.address_keys.all()
    }


def _keys(department: Department, wanted: Iterable[tuple]) -> list[AddressKey]:
    names = ("municipality_code", "street_code", "house_from", "house_to")
    return [AddressKey(department=department, **dict(zip(names, key, strict=True))) for key in sorted(wanted)]
