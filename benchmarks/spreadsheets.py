"""A spreadsheet of N rows from the sealed upload to the register: read, checked, confirmed, prepared, written.

`python -m benchmarks.spreadsheets xlsx|csv N` on the database and folders that the environment names. The jobs run in
this process as a worker runs them; the file is made in another. Prints a line of JSON: seconds of each step, rows per
second of check, confirmation and write together and of all of it, and the memory that the jobs added, in MB.
"""

import json
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    if sys.argv[1] == "make":
        kind, count, activity, path = sys.argv[2:]
        Path(path).write_bytes(make(kind, int(count), activity))
        return
    call_command("migrate", verbosity=0)
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))


def make(kind: str, count: int, activity: str) -> bytes:
    from tests.factories.spreadsheets import csv_file, workbook

    return {"csv": csv_file, "xlsx": workbook}[kind](rows(count, activity))


def rows(count: int, activity: str):
    """Every tenth person without a number."""
    from tests.factories.cast import cpr_text

    person = ("CPR-nummer", "Navn", "Fødselsdato", "Adresse", "Dato for bopæl")
    yield ("Aktivitet", *person, "Rolle", "Begyndte", "Dato for samtykke")
    for n in range(count):
        born = date(1950, 1, 2) + timedelta(days=n // 400)
        born += timedelta(days=(born.month, born.day) == (1, 1))
        began = f"{date(2014, 3, 1) + timedelta(days=n % 900):%d-%m-%Y}"
        if n % 10:
            person = (cpr_text(born, n % 400), f"Opdigtet Østergaard {n}", "", "", "")
        else:
            person = (
                "",
                f"Opdigtet Østergaard {n}",
                f"{born:%d-%m-%Y}",
                f"Birkevænget {n}, 8000 Aarhus C",
                "01-02-2013",
            )
        yield (activity, *person, "mor", began, "01-03-2016")


def run(kind: str, count: int) -> dict:
    from accounts.permissions import Role
    from consent import gate
    from exports import jobs
    from exports.models import Job
    from spreadsheets.actions.files import match_columns, write
    from spreadsheets.actions.rows import Sure, confirm_all
    from spreadsheets.layouts import Layout
    from spreadsheets.models import Row, Spreadsheet
    from tests.factories.cast import make_activity, make_plan, make_user
    from tests.factories.spreadsheets import defaults, upload

    plan = make_plan()
    by = make_user(Role.COORDINATOR, plan)
    activity = make_activity(plan)
    with NamedTemporaryFile() as file:
        arguments = ["-m", "benchmarks.spreadsheets", "make", kind, str(count), activity.name, file.name]
        subprocess.run([sys.executable, *arguments], check=True)
        spreadsheet = upload(Path(file.name).read_bytes(), by=by, plan=plan, run=False)
    before = _peak()
    took: dict[str, float] = {}

    def work(step: str) -> None:
        job = Job.objects.filter(state=Job.State.QUEUED).get()
        start = time.perf_counter()
        jobs.run(job.pk)
        took[step] = time.perf_counter() - start
        spreadsheet.refresh_from_db()

    work("read")
    assert spreadsheet.state == Spreadsheet.State.MATCHING, spreadsheet.problem
    layout = Layout.of(spreadsheet)
    match_columns(by=by, spreadsheet=spreadsheet, header=layout.header, columns=layout.columns, defaults=defaults(by))
    work("check")
    assert spreadsheet.state == Spreadsheet.State.PREVIEW, spreadsheet.problem
    start = time.perf_counter()
    confirm_all(by=by, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
    took["confirm"] = time.perf_counter() - start
    assert Row.objects.filter(state=Row.State.READY).count() == count
    write(by=by, spreadsheet=spreadsheet, leave_rest=False)
    work("write")
    assert spreadsheet.state == Spreadsheet.State.WRITTEN, spreadsheet.problem
    assert gate.in_activity(activity).count() == spreadsheet.participations == count
    assert gate.registered([plan]).count() == spreadsheet.people
    together = took["check"] + took["confirm"] + took["write"]
    return {
        **{step: round(seconds, 2) for step, seconds in took.items()},
        "rows": count,
        "rows_per_second": round(count / together),
        "all_rows_per_second": round(count / (together + took["read"])),
        "added_mb": round(_peak() - before),
        "peak_mb": round(_peak()),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
