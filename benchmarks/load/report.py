"""The measured part of docs/capacity.md, as Markdown, from what was measured at several sizes."""

from statistics import quantiles

NAMES = {"web": "web", "jobs": "jobs", "PostgreSQL": "PostgreSQL", "Redis": "Redis"}


def report(found: list[dict]) -> str:
    """`found`: for each size what `measure` kept, the smaller first."""
    parts = [_sizes(found), _signing_in(found), _day(found), _full(found), _memory(found), _pages(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _people(one: dict) -> str:
    return f"{one['sizes']['participants'] // 10_000 * 10_000:,}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sizes(found: list[dict]) -> str:
    names = ["participants", "plans", "activities", "users", "events"]
    head = [*names, "database, MB", *(f"{name}, MB" for name in found[0]["sizes"]["tables_mb"])]
    rows = [
        [
            *(f"{one['sizes'][name]:,}" for name in names),
            f"{one['sizes']['megabytes']:,}",
            *(f"{size:,}" for size in one["sizes"]["tables_mb"].values()),
        ]
        for one in found
    ]
    return "### The sites\n\n" + _table(head, rows)


def percentiles(times: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99, in ms."""
    if len(times) < 2:
        return (times[0],) * 3 if times else (0.0, 0.0, 0.0)
    cuts = quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def _times(run: dict) -> list[float]:
    return [time for times in run["times_ms"].values() for time in times]


def _cpu(run: dict) -> list[str]:
    """Of the machine: cores that each kind of process kept busy, then the client, and what else ran beside them."""
    used = [*(run["cpu_s"][name] for name in NAMES), run["client_cpu_s"], run["others_cpu_s"]]
    return [f"{seconds / run['wall_s']:.2f}" for seconds in used]


CPU_HEAD = [*(f"cores: {name}" for name in NAMES.values()), "client", "others"]


def _signing_in(found: list[dict]) -> str:
    runs = [(one, one["morning"]) for one in found if "morning" in one]
    if not runs:
        return ""
    rows = []
    for one, run in runs:
        done = len(run["times_ms"].get("sign in: code", ()))
        shown = [_three(run["times_ms"].get(f"sign in: {step}", [])) for step in ("password", "code")]
        each = run["cpu_s"]["web"] / done if done else 0
        rows.append(
            [_people(one), f"{done}", f"{done / run['seconds']:.1f}", *shown, f"{each:.2f}", f"{len(run['failures'])}"]
        )
    head = ["participants", "signed in", "a second", "password: p50 / p95 / p99, ms", "code: p50 / p95 / p99, ms"]
    return "### The morning\n\n" + _table([*head, "web: CPU seconds each", "errors"], rows)


def _three(times: list[float]) -> str:
    return " / ".join(f"{each:,.0f}" for each in percentiles(times))


def _day(found: list[dict]) -> str:
    runs = [(one, one["day"]) for one in found if "day" in one]
    if not runs:
        return ""
    rows = []
    for one, run in runs:
        pages = len(_times(run))
        rows.append(
            [
                _people(one),
                f"{run['users']}",
                f"{pages:,}",
                f"{pages / run['seconds']:.1f}",
                _three(_times(run)),
                f"{len(run['failures'])}",
                *_cpu(run),
            ]  # fmt: skip
        )
    head = ["participants", "people", "pages", "a second", "p50 / p95 / p99, ms", "errors", *CPU_HEAD]
    names = sorted({name for _, run in runs for name in run["times_ms"]})
    flows = [[name, *(cell for _, run in runs for cell in _flow(run["times_ms"].get(name, [])))] for name in names]
    columns = [cell for one, _ in runs for cell in (f"{_people(one)}: times", "p50", "p95", "p99")]
    deliveries = [
        f"{_people(one)}: the job had come to “{row['step'] or row['job']}” after {row['seconds']:,.0f} s"
        for one in found
        for row in one.get("delivery", [])
    ]
    return (
        "### The day, 2 web processes\n\n"
        + _table(head, rows)
        + f"\n\nThe linkage delivery meanwhile. {'; '.join(deliveries)}.\n\n"
        + _table(["page or form, ms", *columns], flows)
    )


def _flow(times: list[float]) -> list[str]:
    return [f"{len(times):,}", *(f"{each:,.0f}" for each in percentiles(times))] if times else ["", "", "", ""]


def _full(found: list[dict]) -> str:
    rows = []
    for one in found:
        for name in sorted(name for name in one if name.startswith("full ")):
            run = one[name]
            pages = len(_times(run))
            saved = sum(len(times) for page, times in run["times_ms"].items() if page.startswith("register: save"))
            rows.append(
                [
                    _people(one),
                    name.removeprefix("full "),
                    f"{run['users']}",
                    f"{pages / run['seconds']:.1f}",
                    f"{saved / run['seconds']:.1f}",
                    _three(_times(run)),
                    f"{len(run['failures'])}",
                    *_cpu(run),
                    f"{run['cpu_s']['web'] / run['wall_s'] / (pages / run['seconds']) * 1000:.0f}"
                    f" + {run['cpu_s']['PostgreSQL'] / run['wall_s'] / (pages / run['seconds']) * 1000:.0f}",
                ]  # fmt: skip
            )
    head = ["participants", "web processes", "clients", "pages a second", "registrations a second"]
    head += ["p50 / p95 / p99, ms", "errors", *CPU_HEAD, "CPU ms a page: web + PostgreSQL"]
    return "### At full speed\n\n" + _table(head, rows) if rows else ""


def _memory(found: list[dict]) -> str:
    rows = []
    for one in found:
        for name in ("day", *sorted(name for name in one if name.startswith("full "))):
            if name in one:
                held = one[name]["megabytes"]
                rows.append([_people(one), name, *(_sum(held[kind]) for kind in NAMES)])
    return "### Memory, MB (PSS)\n\n" + _table(["participants", "run", *NAMES.values()], rows) if rows else ""


def _sum(held: list[float]) -> str:
    largest = " + ".join(f"{each:.0f}" for each in held[:5])
    rest = sum(held[5:])
    return f"{largest}{f' + {rest:.0f} (others)' if rest else ''} = {sum(held):.0f}"


def _pages(found: list[dict]) -> str:
    runs = [one for one in found if "pages" in one]
    if not runs:
        return ""
    columns = [f"{_people(one)}: {what}" for one in runs for what in ("queries", "rows read", "ms")]
    rows = []
    for name in runs[0]["pages"]:
        each = [one["pages"][name] for one in runs]
        rows.append(
            [name, *(cell for row in each for cell in (f"{row['queries']}", f"{row['rows']:,}", f"{row['ms']:.0f}"))]
        )
    return "### What a page asks of the database\n\n" + _table(["page", *columns], rows)
