"""What each page asks of the database: queries, rows read, milliseconds. What grows with the participants shows itself
when two sites are compared.

`python -m benchmarks.load.pages` on a PostgreSQL site that the environment names. Prints one line of JSON: a row
(queries, rows, ms) for each page. What the pages write is rolled back.
"""

import gc
import json
import random
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

ROUNDS = 5
READ = (
    "SELECT (SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables) + "
    "(SELECT coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables)"
)


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.RATES_KEPT_SECONDS = 0  # the page that counts
    pages = _pages()
    for ask in pages.values():
        _rolled_back(ask)
    gc.freeze()  # as config.wsgi does
    rows = {name: _measure(ask) for name, ask in pages.items()}
    print(json.dumps(rows))


def _rolled_back(ask: Callable[[], object]) -> None:
    from django.db import transaction

    with transaction.atomic():
        ask()
        transaction.set_rollback(True)


def _measure(ask: Callable[[], object]) -> dict:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _rolled_back(ask)
        times.append((time.perf_counter() - began) * 1000)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(READ)
        before = cursor.fetchone()[0]
        with CaptureQueriesContext(connection) as queries:
            ask()
        cursor.execute(READ)
        read = int(cursor.fetchone()[0] - before)
        transaction.set_rollback(True)
    asked = [query for query in queries if not re.match(r"(SAVEPOINT|RELEASE|ROLLBACK|SET) ", query["sql"])]
    slowest = max(queries, key=lambda query: float(query["time"]), default={"time": "0", "sql": ""})
    return {
        "queries": len(asked),
        "rows": read,
        "ms": round(median(times), 1),
        "slowest_ms": float(slowest["time"]) * 1000,
        "slowest": slowest["sql"][:600],
    }


def _pages() -> dict[str, Callable[[], object]]:
    from django.test import Client
    from django.urls import reverse

    from accounts import sessions
    from accounts.models import User
    from accounts.permissions import Role
    from collection.models import Activity, Plan
    from consent import gate
    from exports.models import EvaluationProject
    from tests.factories.cast import cpr_text
    from tests.factories.forms import typed, typed_name

    # a plan in the middle of the sizes, and its busiest activity
    sizes = sorted((gate.registered([plan]).count(), str(plan.pk)) for plan in Plan.objects.all())
    plan = Plan.objects.get(pk=sizes[len(sizes) // 2][1])
    members = User.objects.filter(memberships__plan=plan)
    staff, coordinator = (members.filter(role=role).order_by("pk")[0] for role in (Role.STAFF, Role.COORDINATOR))
    evaluator, controller = (
        User.objects.filter(role=role).order_by("pk")[0] for role in (Role.EVALUATOR, Role.CONTROLLER)
    )
    activity = max(Activity.objects.filter(plan=plan), key=lambda one: gate.in_activity(one).count())
    people = gate.usable("evaluation", on=date.today()).filter(plan=plan)
    numbered, named = (
        people.filter(identification=kind, name__isnull=False).order_by("pk")[0] for kind in ("cpr", "name_address")
    )
    project = EvaluationProject.objects.order_by("pk")[0]
    clients = {}
    for user in (staff, coordinator, evaluator, controller):
        clients[user.pk] = Client()
        clients[user.pk].force_login(user)
        session = clients[user.pk].session
        session[sessions.SECOND_FACTOR] = str(user.pk)
        session.save()

    def get(user, name: str, *arguments, query: str = "") -> Callable[[], object]:
        address = reverse(name, args=arguments) + query

        def ask() -> None:
            answer = clients[user.pk].get(address)
            assert answer.status_code == 200, (name, answer.status_code, answer.get("Location"))

        return ask

    def post(user, name: str, *arguments, status: int = 302, data: Callable[[], dict]) -> Callable[[], object]:
        address = reverse(name, args=arguments)

        def ask() -> None:
            answer = clients[user.pk].post(address, data())
            assert answer.status_code == status, (name, answer.status_code, answer.content.decode()[:3000])

        return ask

    def person() -> dict:
        number = cpr_text(date(1990, 3, 3) + timedelta(days=random.randrange(2000)), random.randrange(500))
        start = {"start_year": str(activity.start.year)}
        return typed(cpr=number, cpr_again=number, obtained_by=str(staff.pk), **start)

    def unnumbered() -> dict:
        name = f"Bodil Ærenlund {random.randrange(10**9)}"
        start = {"start_year": str(activity.start.year), "birth_date_confirmed": "on"}
        return typed_name(name, obtained_by=str(staff.pk), **start)

    def today() -> dict:
        day = date.today()
        return {"withdrawn_on_day": day.day, "withdrawn_on_month": day.month, "withdrawn_on_year": day.year}

    return {
        "Opgaver, staff": get(staff, "exports:tasks"),
        "Opgaver, coordinator": get(coordinator, "exports:tasks"),
        "Opgaver, evaluator": get(evaluator, "exports:tasks"),
        "Opgaver, controller": get(controller, "exports:tasks"),
        "list of activities": get(staff, "collection:activities"),
        "one activity": get(staff, "consent:activity", activity.pk),
        "list of people": get(staff, "consent:participants"),
        "list of people, of an activity": get(staff, "consent:participants", query=f"?aktivitet={activity.pk}"),
        "list of people, last page": get(staff, "consent:participants", query="?page=999999"),
        "people to ask again": get(staff, "consent:to_ask"),
        "people to see after": get(staff, "consent:doubts"),
        "one person": get(staff, "consent:participant", numbered.pk),
        "register: form": get(staff, "consent:enrol", activity.pk),
        "register: save, by number": post(staff, "consent:enrol", activity.pk, data=person),
        "register: save, by name": post(staff, "consent:enrol", activity.pk, data=unnumbered),
        "count without consent": get(staff, "consent:count", activity.pk),
        "correct: form": get(staff, "consent:correct", numbered.pk),
        "correct: save": post(
            staff, "consent:correct", numbered.pk, data=lambda: {"working_name": f"Kaj {random.randrange(10**6)}"}
        ),
        "find by number, nobody": post(
            staff, "consent:find", status=200, data=lambda: {"identification": "cpr", "cpr": person()["cpr"]}
        ),
        "find by name, all plans": post(
            controller, "consent:find", status=200,
            data=lambda: {"identification": "name_address", "name": unnumbered()["name"], "birth_date_day": "6",
                          "birth_date_month": "5", "birth_date_year": "1980"},
        ),
        "withdraw: form": get(staff, "consent:withdraw", named.pk),
        "withdraw: save": post(staff, "consent:withdraw", numbered.pk, data=today),
        "rates of a plan": get(coordinator, "consent:rates_plan", plan.pk),
        "rates of a plan, year by year": get(coordinator, "consent:trend_plan", plan.pk),
        "rates of all plans, counted": get(controller, "consent:rates"),
        "list of colleagues": get(coordinator, "collection:staff"),
        "log of the plan": get(coordinator, "consent:plan_log", plan.pk),
        "log of a person": get(coordinator, "consent:participant_log", numbered.pk),
        "log": get(controller, "audit:events"),
        "log, a rare action": get(controller, "audit:events", query="?action=project.ended"),
        "list of deliveries": get(controller, "exports:deliveries"),
        "one project": get(evaluator, "exports:project", project.pk),
        "requests of the registered": get(controller, "rights:requests"),
    }  # fmt: skip


if __name__ == "__main__":
    main()
