"""`make bench`: all benchmarks, on SQLite and on a private PostgreSQL, into the measured part of docs/benchmarks.md.

`python -m benchmarks.run --only fields spreadsheets --rows 100000` for a part; nothing is written then.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PARTS = [
    "fields",
    "linkage",
    "formats",
    "ledger",
    "enrolment",
    "rates",
    "audit",
    "spreadsheets",
    "comparison",
    "matching",
]
START, END = "<!-- measured: start -->", "<!-- measured: end -->"


@contextmanager
def site(database: str) -> Iterator[dict[str, str]]:
    """The environment of a new, empty site on "sqlite" or "postgresql"."""
    from tests.servers import Postgres

    server = Postgres(durable=True) if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            environment = {
                **os.environ,
                "SECOND_FACTOR": "0",  # users of a benchmark sign in by their password
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATA_DIR": f"{folder}/data",
                "KEY_DIR": f"{folder}/keys",
                "HTTPS": "0",
                "LOG_LEVEL": "WARNING",
            }
            if server:
                environment["DATABASE_URL"] = (
                    server.url.removesuffix("/site") + "/postgres"
                )  # the test database is not made here
            yield environment
    finally:
        if server:
            server.stop()


def step(environment: dict[str, str], *arguments: str) -> dict:
    """Runs a benchmark module in a process of its own; what it printed last is its result."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    print("  ", *arguments, done.stdout.strip().splitlines()[-1], file=sys.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def fields(database: str) -> list[str]:
    with site(database) as environment:
        return step(environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}, "benchmarks.fields")["rows"]


def linkage(database: str, rows: int, rounds: int = 3) -> list[str]:
    with site(database) as environment:
        step(environment, "benchmarks.linkage", "fill", str(rows))
        prepared = step(environment, "benchmarks.linkage", "prepare")
        pairs = [
            (step(environment, "benchmarks.linkage", "build"), step(environment, "benchmarks.linkage", "floor"))
            for _ in range(rounds)
        ]

    def line(what: str, against: str, part: str, most: float | None = None, seconds: float | None = None) -> str:
        ours, theirs = (median(pair[place][part] for pair in pairs) for place in range(2))
        ratio = median(build[part] / floor[part] for build, floor in pairs)
        wanted = f"≤ {most}" if most else (f"≤ {seconds:.0f} s" if seconds else "")
        met = ("yes" if (ratio <= most if most else ours <= (seconds or 0)) else "**no**") if wanted else ""
        return f"| {what} | {against} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} | {wanted} | {met} |"

    least = median(floor["seconds"] for _, floor in pairs)
    peak = max(build["peak_mb"] for build, _ in pairs)
    large = database == "postgresql"
    return [
        line(f"key file of {rows:,} ({database})", "decrypt and write in memory", "key_file", 2 if large else None)
        + " |",
        line("data file in all formats, codebook", "CSV and Parquet from memory", "data_file") + " |",
        line("both, build from approval to sealed", "both", "seconds", seconds=90 if large else None)
        + f" peak {peak} MB |",
        f"| prepare it | decrypt and write in memory | {prepared['seconds']:.2f} | {least:.2f} "
        f"| {prepared['seconds'] / least:.2f} | | | peak {prepared['peak_mb']} MB |",
    ]


def ledger(database: str, rows: int) -> list[str]:
    with site(database) as environment:
        return step(environment, "benchmarks.ledger", str(rows))["rows"]


def formats(rows: int) -> list[str]:
    with site("sqlite") as environment:
        found = step(environment, "benchmarks.formats", str(rows))
    kinds = found["kinds"]
    least = min(kinds.pop("csv")["seconds"], kinds.pop("csv again")["seconds"])
    lines = [
        f"| {kind} | {each['seconds']:.1f} | {least:.2f} | {each['seconds'] / least:.1f} | {each['bytes_a_row']:.0f} "
        f"| {each['added_mb']:.0f} MB | |"
        for kind, each in kinds.items()
    ]
    whole = least + sum(each["seconds"] for each in kinds.values())
    peak = max(each["added_mb"] for each in kinds.values())
    met = "yes" if whole <= 90 else "**no**"
    title = (
        f"all, CSV too, of {found['rows']:,} rows x {found['columns']} columns ({found['table_mb']:.0f} MB in Arrow)"
    )
    return [*lines, f"| {title} | {whole:.1f} | {least:.2f} | {whole / least:.1f} | | {peak:.0f} MB | {met} |"]


def enrolment(database: str) -> str:
    with site(database) as environment:
        found = step(environment, "benchmarks.enrolment")
    met = "yes" if found["per_second"] >= 100 and found["p95_ms"] <= 150 and not found["failed"] else "**no**"
    return (
        f"| {database} | {found['requests']:,} | {found['per_second']:.0f} | {found['p50_ms']:.0f} "
        f"| {found['p95_ms']:.0f} | {found['failed']} | {met} |"
    )


def rates(database: str) -> list[str]:
    with site(database) as environment:
        return step(environment | {"DEMO": "1"}, "benchmarks.rates")["rows"]


def audit(database: str, events: int) -> tuple[list[str], str]:
    """The rows of what was asked, and that of the check."""
    with site(database) as environment:
        checked = step(environment, "benchmarks.audit", "check", str(min(events, 200_000)))
    with site(database) as environment:
        step(environment, "benchmarks.audit", "fill", str(events))
        return step(environment, "benchmarks.audit", "ask")["rows"], checked["row"]


def spreadsheets(kind: str, rows: int) -> str:
    with site("postgresql") as environment:
        found = step(environment, "benchmarks.spreadsheets", kind, str(rows))
    written = found["rows"] / found["write"]
    met = "yes" if written >= 2000 else "**no**"
    return (
        f"| {kind} of {rows:,} rows | {found['read']:.1f} | {found['check']:.1f} | {found['confirm']:.1f} "
        f"| {found['write']:.1f} | {written:,.0f} | {met} | {found['rows_per_second']:,} | {found['added_mb']} MB |"
    )


def comparison(people: int, rounds: int = 3) -> list[str]:
    """Needs 2 GB of disk and, for pandas, 4 GB of memory."""
    with site("sqlite") as environment, tempfile.TemporaryDirectory(prefix="register-") as folder:
        register = [sys.executable, "manage.py", "demo_register", "--out", folder, "--people", str(people)]
        subprocess.run(register, cwd=ROOT, env=environment, capture_output=True, check=True)

        def side(name: str) -> dict:
            return step(environment, "benchmarks.comparison", name, folder)

        side("ours")  # the files are in the page cache from here on, for everybody
        turns = [(side("ours"), side("bare")) for _ in range(rounds)]
        peer = side("pandas")
    found = turns[0][0]
    assert all(found[name] == peer[name] for name in ("participants", "comparison", "medians", "poor", "ill"))
    mine, bare = (median(turn[place]["seconds"] for turn in turns) for place in range(2))
    ratio = median(one["seconds"] / other["seconds"] for one, other in turns)
    peak = max(one["peak_mb"] for one, _ in turns)
    what = f"group with all characteristics of {people:,} people x 3 years"

    def line(against: str, theirs: float, ratio: float, most: float, note: str) -> str:
        met = "yes" if ratio <= most else "**no**"
        return f"| {what} | {against} | {mine:.1f} | {theirs:.1f} | {ratio:.2f} | ≤ {most} | {met} | {note} |"

    enough = "yes" if peak <= 1200 else "**no**"
    return [
        line("the same SQL in bare DuckDB", bare, ratio, 1.3, f"peak {peak} MB at a limit of 1 GB, ≤ 1200: {enough}"),
        line("pandas", peer["seconds"], mine / peer["seconds"], 0.4, f"pandas peaks at {peer['peak_mb']} MB"),
    ]


def matching(comparisons: int) -> list[str]:
    with site("sqlite") as environment:
        return step(environment, "benchmarks.matching", str(comparisons))["rows"]


def main() -> None:
    from benchmarks.measure import HEAD

    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=PARTS)
    parser.add_argument("--database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--rows", type=int, help="participants of the linkage delivery")
    options = parser.parse_args()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [f"Measured {date.today():%d %B %Y} on {machine}.", ""]
    if "fields" in options.only:
        lines += ["### Fields", "", HEAD, *(row for name in options.database for row in fields(name)), ""]
    if "linkage" in options.only:
        sizes = {"sqlite": options.rows or 100_000, "postgresql": options.rows or 1_000_000}
        lines += [
            "### Linkage",
            "",
            HEAD,
            *(row for name in options.database for row in linkage(name, sizes[name])),
            "",
        ]
    if "ledger" in options.only:
        sizes = {"sqlite": options.rows or 100_000, "postgresql": options.rows or 1_000_000}
        lines += ["### Ledger", "", HEAD, *(row for name in options.database for row in ledger(name, sizes[name])), ""]
    if "formats" in options.only:
        lines += [
            "### Formats of a data file",
            "",
            "| format | s | CSV, s | ratio | bytes a row | memory added | ≤ 90 s |",
            "|---|---|---|---|---|---|---|",
            *formats(options.rows or 1_000_000),
            "",
        ]
    if "enrolment" in options.only:
        lines += [
            "### Enrolment",
            "",
            "| database | enrolments | per second | p50, ms | p95, ms | failed | ≥ 100/s and p95 ≤ 150 ms |",
            "|---|---|---|---|---|---|---|",
            *(enrolment(name) for name in options.database),
            "",
        ]
    if "rates" in options.only:
        lines += [
            "### Rates",
            "",
            "| page, 50,000 participants | median, ms | fastest | audit log, ms | ratio | queries | ≤ 300 ms, ≤ 15 |",
            "|---|---|---|---|---|---|---|",
            *(row for name in options.database for row in rates(name)),
            "",
        ]
    if "audit" in options.only:
        events = options.rows or 1_000_000
        asked, checked = zip(*(audit(name, events) for name in options.database), strict=True)
        lines += [
            "### Audit log",
            "",
            f"| question, {events:,} events | found | median, ms | slowest | by key, ms | ratio |",
            "|---|---|---|---|---|---|",
            *(row for rows in asked for row in rows),
            "",
            "| check | events/s | s | reading the rows, s | ratio | peak at half, MB | peak, MB |",
            "|---|---|---|---|---|---|---|",
            *checked,
            "",
        ]
    if "spreadsheets" in options.only:
        lines += [
            "### Import of spreadsheets (postgresql)",
            "",
            "| file | read, s | check, s | confirm, s | write, s | rows/s, written | ≥ 2,000 "
            "| rows/s, check to written | memory added |",
            "|---|---|---|---|---|---|---|---|---|",
            *(spreadsheets(kind, options.rows or 100_000) for kind in ("csv", "xlsx")),
            "",
        ]
    if "comparison" in options.only:
        lines += ["### Comparison groups", "", HEAD, *comparison(options.rows or 5_748_769), ""]
    if "matching" in options.only:
        lines += ["### Matching", "", HEAD, *matching(options.rows or 1_000_000), ""]
    text = "\n".join(lines)
    print(text)
    if set(options.only) == set(PARTS) and not options.rows:
        before, _, rest = PAGE.read_text().partition(START)
        PAGE.write_text(f"{before}{START}\n\n{text}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
