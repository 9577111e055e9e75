"""A linkage delivery of N participants, against decrypting and writing the same files from memory.

`python -m benchmarks.linkage fill N | prepare | build | floor` on the database and folders that the environment
names; each step is a process of its own, so that peak memory is that step's. Prints a line of JSON: seconds, also those
of the key file and of the data file, and the process's peak resident memory in MB.

The floor holds everything in memory already and does what no export can leave out: opens each number, writes the key
file and the data file as CSV with csv.writer and the data file as Parquet with pyarrow. It asks no database, checks no
consent, lints, hashes, seals and enters nothing.
"""

import csv
import io
import json
import random
import resource
import sys
import time
import uuid
from datetime import UTC, date, datetime, timedelta


def fill(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    from accounts.permissions import Role
    from collection.models import Participant, Participation
    from consent.models import Decision
    from crypto import blind, box
    from tests.factories.cast import make_activity, make_text, make_user
    from tests.factories.deliveries import make_project

    activities = [make_activity() for _ in range(200)]
    text, by = make_text(), activities[0].responsible
    now, rng = datetime.now(UTC), random.Random(1)
    make_project(make_user(Role.EVALUATOR))

    def people():
        for n in range(count):
            pk = uuid.UUID(int=rng.getrandbits(128), version=4)
            number = f"{date(1950, 1, 2) + timedelta(days=n % 18_000):%d%m%y}{n // 18_000:04d}"
            sealed = box.seal("participant.cpr", pk, number)
            yield pk, activities[n % 200], sealed, blind.blind_index("participant.cpr", number)

    tables: dict[type, tuple[list[str], list]] = {
        Participant: (
            ["id", "plan_id", "identification", "cpr", "cpr_index"] + ["check_digit_confirmed", "registered_at"],
            [],
        ),
        Decision: (
            ["participant_id", "purpose_id", "text_id", "kind", "decided_on", "method", "obtained_by_id"]
            + ["guardian_relation", "reason", "recorded_by_id", "recorded_at"],
            [],
        ),
        Participation: (["id", "participant_id", "activity_id", "start", "start_precision", "role"], []),
    }

    def flush() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for model, (columns, rows) in tables.items():
                names = ", ".join(f'"{column}"' for column in columns)
                if connection.vendor == "postgresql":
                    with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
                else:
                    marks = ", ".join(["%s"] * len(columns))
                    plain = [[value.hex if isinstance(value, uuid.UUID) else value for value in row] for row in rows]
                    cursor.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", plain)
                rows.clear()

    people_rows, decision_rows, participation_rows = (rows for _, rows in tables.values())
    for n, (pk, activity, sealed, index) in enumerate(people(), start=1):
        people_rows.append((pk, activity.plan_id, "cpr", sealed, index, False, now))
        decision_rows.append((pk, "evaluation", text.pk, "given", date(2016, 5, 2), "paper", by.pk, "", "", by.pk, now))
        participation_rows.append((uuid.uuid4(), pk, activity.pk, date(2015, 1 + n % 12, 2), "day", "mother"))
        if n % 20_000 == 0:
            flush()
    flush()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def prepare(_: int) -> dict[str, float]:
    from exports.actions.deliveries import request_delivery
    from exports.models import Delivery, EvaluationProject
    from tests.factories.deliveries import run_jobs

    project = EvaluationProject.objects.get()
    delivery = request_delivery(by=project.evaluators.get(), project=project, kind=Delivery.Kind.LINKAGE)
    start = time.perf_counter()
    run_jobs()
    seconds = time.perf_counter() - start
    delivery.refresh_from_db()
    assert delivery.state == "prepared", (delivery.state, delivery.reason)
    return {"seconds": seconds}


def build(_: int) -> dict[str, float]:
    from accounts.permissions import Role
    from exports import jobs, linkage_delivery
    from exports.models import Delivery, Job
    from tests.factories.cast import make_user
    from tests.factories.deliveries import run_jobs, say_yes

    delivery = Delivery.objects.get()
    if delivery.state == "prepared":
        say_yes(delivery, by=make_user(Role.CONTROLLER))
    else:  # the same set once more
        Delivery.objects.update(state="approved")
        jobs.enqueue(by=delivery.requested_by, kind=Job.Kind.BUILD, delivery=delivery)
    parts = {
        "key_file": _timed(linkage_delivery, "write_officer_archive"),
        "data_file": _timed(linkage_delivery, "write_evaluator_archive"),
    }
    start = time.perf_counter()
    run_jobs()
    seconds = time.perf_counter() - start
    delivery.refresh_from_db()
    assert delivery.state == "built", (delivery.state, delivery.reason)
    return {"seconds": seconds} | {name: sum(times) for name, times in parts.items()}


def _timed(module, name: str) -> list[float]:
    """Puts a stopwatch around one of the module's functions; its times come into the list."""
    inner, times = getattr(module, name), []

    def outer(*args, **kwargs):
        start = time.perf_counter()
        try:
            return inner(*args, **kwargs)
        finally:
            times.append(time.perf_counter() - start)

    setattr(module, name, outer)
    return times


def floor(_: int) -> dict[str, float]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from collection.models import Participant
    from crypto import keys
    from crypto.box import aad_suffix, field_purpose
    from exports.linkage_delivery import frozen_set, layout_of
    from exports.models import Delivery

    delivery = Delivery.objects.get()
    records = {
        pk.bytes: sealed.record
        for pk, sealed in Participant.ungated.values_list("pk", "cpr").iterator(chunk_size=10_000)
    }
    frozen = frozen_set(delivery, delivery.prepared_hash)
    people = [tuple(row.values())[:2] for batch in frozen.people() for row in batch.to_pylist()]
    rows = [(code, participant, records[participant]) for code, participant in people]
    layout = layout_of(delivery.project)
    table = pa.Table.from_batches(frozen.data(layout))
    lines = list(zip(*(table.column(name).to_pylist() for name in layout.names), strict=True))
    key = keys.current(field_purpose("participant.cpr"))
    assert key.aead is not None
    prefix, decrypt = key.header + aad_suffix("participant.cpr"), key.aead.decrypt

    start = time.perf_counter()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["PNR", "PSEUDONYM"])
    writer.writerows(
        (decrypt(record[5:17], record[17:], prefix + participant).decode(), code) for code, participant, record in rows
    )
    out.getvalue().encode()
    key_file = time.perf_counter() - start
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(layout.names)
    writer.writerows(lines)
    out.getvalue().encode()
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*lines, strict=True), layout.arrow(), strict=True)
    ]
    pq.write_table(pa.Table.from_arrays(columns, schema=layout.arrow()), io.BytesIO(), compression="zstd")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "key_file": key_file, "data_file": seconds - key_file}


if __name__ == "__main__":
    import django

    django.setup()
    step, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    times = {"fill": fill, "prepare": prepare, "build": build, "floor": floor}[step](count) or {}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rounded = {name: round(seconds, 2) for name, seconds in times.items()}
    print(json.dumps({"step": step, **rounded, "peak_mb": round(peak)}))
