"""Which deliveries hold a person, and what a recipient is to delete, of N participants who are all in 20 deliveries.

`python -m benchmarks.ledger N` on the database and folders that the environment names; an empty one is filled first: a
project, its 20 fetched deliveries with N × 20 rows of the ledger, and one in a hundred withdrawn since. Prints one line
of JSON: a row for each question, against looking one row of the ledger up by its primary key.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import date

from benchmarks.measure import compare

DELIVERIES, ONE_IN = 20, 100


def fill(count: int) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from benchmarks import linkage
    from consent.models import Decision
    from exports.models import Delivery, EvaluationProject, Fetch, Reader, State
    from exports.pseudonymise import ProjectCodes

    linkage.fill(count)
    project, now = EvaluationProject.objects.get(), timezone.now()
    by = project.evaluators.get()
    deliveries = [
        Delivery(
            project=project, kind="linkage", number=number, state=State.EXPIRED, requested_by=by,
            built_at=now, report={"layout": []},
        )
        for number in range(1, DELIVERIES + 1)
    ]  # fmt: skip
    Delivery.objects.bulk_create(deliveries)
    Fetch.objects.bulk_create(
        Fetch(delivery=delivery, reader=reader, at=now) for delivery in deliveries for reader in Reader
    )
    gone = list(Decision.objects.order_by("pk").values_list("participant", flat=True)[::ONE_IN])
    for start in range(0, len(gone), 2000):
        with transaction.atomic():
            ProjectCodes(project).codes_for([[pk] for pk in gone[start : start + 2000]])
    same = "purpose_id, text_id, method, guardian_relation, reason, obtained_by_id, recorded_by_id, recorded_at"
    some = "uuid_send(gen_random_uuid())" if connection.vendor == "postgresql" else "randomblob(16)"
    project_id = project.pk if connection.vendor == "postgresql" else project.pk.hex
    first = Decision.objects.order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        for delivery in deliveries:  # a transaction each
            pk = delivery.pk if connection.vendor == "postgresql" else delivery.pk.hex
            cursor.execute(
                "INSERT INTO exports_deliveryperson (delivery_id, participant_id, decision_id)"
                " SELECT %s, participant_id, id FROM consent_decision",
                [pk],
            )
        # the codes of everybody else: rows of the same size
        cursor.execute(
            "INSERT INTO exports_pseudonym (project_id, lookup, code_index, sealed)"
            f" SELECT %s, {some}, {some}, {some} || {some} || {some} || {some} FROM consent_decision"
            " WHERE (id - %s) %% %s <> 0",
            [project_id, first, ONE_IN],
        )
        cursor.execute(
            f"INSERT INTO consent_decision (participant_id, kind, decided_on, {same})"
            f" SELECT participant_id, 'withdrawn', %s, {same} FROM consent_decision WHERE (id - %s) %% %s = 0",
            [date(2017, 3, 4), first, ONE_IN],
        )
        cursor.execute(
            "UPDATE collection_participant SET erased_at = %s, cpr = NULL, cpr_index = NULL WHERE id IN"
            " (SELECT participant_id FROM consent_decision WHERE kind = 'withdrawn')",
            [now],
        )
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from consent.models import Decision
    from exports.holdings import holding
    from exports.models import DeliveryPerson, EvaluationProject, Reader
    from exports.recalls import open_recalls, recall_list

    call_command("migrate", verbosity=0)
    if not EvaluationProject.objects.exists():
        fill(int(sys.argv[1]))
    project = EvaluationProject.objects.get()
    evaluator = project.evaluators.get()
    rng = random.Random(1)
    people = list(Decision.objects.filter(kind="given").order_by("pk").values_list("participant", flat=True)[::997])
    first = DeliveryPerson.objects.order_by("pk").values_list("pk", flat=True)[0]
    rows = DeliveryPerson.objects.count()
    shown = recall_list(project, Reader.EVALUATOR)
    assert shown.codes is not None
    assert len(shown.codes) == shown.persons == Decision.objects.filter(kind="withdrawn").count()
    assert len(holding([people[0]])) == DELIVERIES

    def by_key() -> None:
        DeliveryPerson.objects.get(pk=first + rng.randrange(rows))

    def times(count: int, work: Callable[[], object]) -> Callable[[], object]:
        return lambda: [work() for _ in range(count)]

    each = f"{rows // DELIVERIES:,} × {DELIVERIES} ({connection.vendor})"
    found = [
        compare(
            f"which deliveries hold a person, {each}",
            "one row of the ledger by its key",
            times(50, lambda: holding([rng.choice(people)])),
            times(50, by_key),
            note="50 times",
        ),
        compare(
            f"what a recipient is to delete: {len(shown.codes):,} codes",
            "as many rows by their keys",
            lambda: recall_list(project, Reader.EVALUATOR),
            times(len(shown.codes), by_key),
            rounds=3,
        ),
        compare(
            "whether there is something to delete (on each visit of Opgaver)",
            "one row of the ledger by its key",
            lambda: open_recalls(evaluator),
            by_key,
            rounds=5,
        ),
    ]
    print(json.dumps({"rows": [result.row() for result in found]}))


if __name__ == "__main__":
    main()
