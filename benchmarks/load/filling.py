"""Fills a site: the demo's plans, activities and participants, some 600 people who sign in, and the log of years.

`python -m benchmarks.load.filling PARTICIPANTS EVENTS ACCOUNTS_FILE` on the PostgreSQL and the folders that the
environment names. What is there already stays. Prints one line of JSON: how many there are of each.
"""

import json
import random
import sys
from pathlib import Path

USERS = 600
EVALUATORS, CONTROLLERS = 12, 4  # the others are staff and coordinators, as the demo has them in its plans
PASSWORD = "regnvejr og rugbrød 12"
# What a log of years is made of: in a hundred events. The others are spread over ten codes that are rare.
COMMON = {
    "identity.listed": 40,
    "identity.shown": 22,
    "sign_in.done": 14,
    "participant.enrolled": 12,
    "sign_out.done": 7,
}


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from audit.models import Event
    from collection.models import Activity, Plan
    from consent import gate
    from exports.models import EvaluationProject

    participants, events, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if not Plan.objects.exists():
        call_command("demo", participants=participants, no_residents=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps(_accounts()))
    with connection.cursor() as cursor:
        if Event.objects.count() < events:
            _events(cursor, events)
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        cursor.execute("VACUUM ANALYZE")  # as a server does by itself within the hour
        sizes = {}
        for table in ("collection_participant", "collection_participation", "consent_decision", "audit_event",
                      "audit_subject"):  # fmt: skip
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            sizes[table] = round(cursor.fetchone()[0] / 1e6)
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = round(cursor.fetchone()[0] / 1e6)
    print(
        json.dumps(
            {
                "participants": gate.people_of(None).count(),
                "plans": Plan.objects.count(),
                "activities": Activity.objects.count(),
                "projects": EvaluationProject.objects.count(),
                "users": len(json.loads(path.read_text())),
                "events": Event.objects.count(),
                "megabytes": whole,
                "tables_mb": sizes,
            }
        )
    )


def _accounts() -> list[dict]:
    """Everybody who signs in, with a password and an app: user name, role, secret of the app, and the address that the
    office of their plan has."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.hashers import make_password

    from accounts.models import User
    from accounts.permissions import Role
    from collection.models import Membership, Plan
    from exports.models import EvaluationProject

    plans = list(Plan.objects.order_by("pk"))
    password = make_password(PASSWORD)  # one for all: checking it costs what checking another would
    for role, count in ((Role.EVALUATOR, EVALUATORS), (Role.CONTROLLER, CONTROLLERS)):
        User.objects.bulk_create(
            User(username=f"{role}-{n}", full_name=f"{role} {n}", role=role) for n in range(1, count)
        )
    new = User.objects.bulk_create(
        User(username=f"kollega-{n}", full_name=f"Kollega {n}", role=Role.STAFF)
        for n in range(USERS - User.objects.count())
    )
    Membership.objects.bulk_create(Membership(user=user, plan=plans[n % len(plans)]) for n, user in enumerate(new))
    EvaluationProject.objects.get().evaluators.set(User.objects.filter(role=Role.EVALUATOR))
    User.objects.update(password=password)
    offices = {plan.pk: n for n, plan in enumerate(plans)}
    found = []
    for user in User.objects.prefetch_related("memberships").order_by("username"):
        Authenticator.objects.filter(user=user).delete()
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        office = next((offices[each.plan_id] for each in user.memberships.all()), len(plans))
        found.append(
            {
                "username": user.username,
                "id": str(user.pk),
                "role": user.role,
                "secret": secret,
                "address": f"10.0.{office}.{len(found) % 250 + 1}",
            }
        )
    return found


def _events(cursor, count: int) -> None:
    """Events of the real colleagues about the real people, by SQL. Their MACs are none: they are for asking, and the
    chain goes on from the last one."""
    from audit.models import Event, Head, Subject
    from audit.words import ACTIONS

    first = Event.objects.count()
    rare = [code for room in ACTIONS.values() for code in room if code not in COMMON]
    random.Random(9).shuffle(rare)
    codes = [code for code, share in COMMON.items() for _ in range(share)]
    codes += [rare[n % 10] for n in range(100 - len(codes))]
    for model in (Event, Subject):
        for index in model._meta.indexes:  # made after the rows: ten million take minutes instead of hours
            cursor.execute(f'DROP INDEX "{index.name}"')
    cursor.execute("CREATE TEMPORARY TABLE who AS SELECT row_number() OVER () - 1 AS n, u.id::text AS actor, "
                   "coalesce((SELECT plan_id FROM collection_membership m WHERE m.user_id = u.id LIMIT 1)::text, '') "
                   "AS plan FROM accounts_user u")  # fmt: skip
    cursor.execute(
        "CREATE TEMPORARY TABLE whom AS SELECT row_number() OVER () - 1 AS n, id FROM collection_participant"
    )
    cursor.execute("ANALYZE who")
    cursor.execute("ANALYZE whom")
    cursor.execute("SELECT count(*) FROM who")
    users = cursor.fetchone()[0]
    cursor.execute("SELECT count(*) FROM whom")
    people = cursor.fetchone()[0]
    cursor.execute("SET session_replication_role = replica")  # each of these rows is of an event that is there
    span = 3 * 365 * 86_400
    cursor.execute(
        "INSERT INTO audit_event (sequence, at, actor, action, object_type, object_id, plan, details, subjects_digest, "
        "key_id, mac) "
        "SELECT g, now() - ((%(count)s - g) * (%(span)s::float / %(count)s) + 7200) * interval '1 second', "
        "who.actor, (%(codes)s::text[])[1 + (g * 104729 %% 100)], '', '', who.plan, '{}', "
        "decode(md5(g::text), 'hex'), 1, decode(md5(g::text) || md5((-g)::text), 'hex') "
        "FROM generate_series(%(first)s + 1::bigint, %(count)s) AS s(g) JOIN who ON who.n = g * 7919 %% %(users)s",
        {"count": count, "first": first, "span": span, "codes": codes, "users": users},
    )
    # one person for what was shown; ten of a list in one of ten, so that ten million events name some seven million
    cursor.execute(
        "INSERT INTO audit_subject (event_id, subject) SELECT e.sequence, whom.id FROM audit_event e "
        "JOIN whom ON whom.n = e.sequence * 48271 %% %(people)s "
        "WHERE e.sequence > %(first)s AND action IN ('identity.shown', 'participant.enrolled')",
        {"first": first, "people": people},
    )
    cursor.execute(
        "INSERT INTO audit_subject (event_id, subject) SELECT e.sequence, whom.id FROM audit_event e "
        "CROSS JOIN generate_series(0, 9) AS l(k) JOIN whom ON whom.n = (e.sequence * 48271 + k * 7) %% %(people)s "
        "WHERE e.sequence > %(first)s AND action = 'identity.listed' AND e.sequence %% 10 = 0",
        {"first": first, "people": people},
    )
    cursor.execute("RESET session_replication_role")
    Head.objects.update_or_create(pk=1, defaults={"sequence": count, "mac": bytes(32)})
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in (Event, Subject):
            for index in model._meta.indexes:
                editor.add_index(model, index)


if __name__ == "__main__":
    main()
