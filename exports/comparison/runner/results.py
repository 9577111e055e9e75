"""The files that tell of two groups in aggregate, hidden where they would point at somebody.

`sink(name, bytes)` takes them: a folder where the runner is used, an archive on the site. The same input gives the same
bytes; there is no clock in any of them.

    described = describe(frame, group="participant", variables=variables, matched=matched, minimum=5)
    write_results(sink, described, flow=selection.flow.frame(), language=DANISH)
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import pictures, table_page
from .balance import Difference, differences, table_one
from .balance.differences import participants_of
from .balance.histograms import Histogram, histogram
from .balance.tests import PEARSON, PEARSON_SMALL, WELCH
from .disclosure import Release, protect
from .disclosure.numbers import FEW
from .flow import LABELS
from .matching.matched import Matched
from .matching.reasons import REASONS
from .tables import Number, Row, Section, TableOne
from .texts import DANISH, Text
from .variables import BINARY, MISSING, MISSING_LABEL, Variable, occurring

Sink = Callable[[str, bytes], None]

TABLE_COLUMNS = [
    "stage", "variable", "label", "level", "level_label", "participants", "participants_percent", "comparison",
    "comparison_percent", "participants_mean", "participants_sd", "comparison_mean", "comparison_sd", "smd",
    "variance_ratio", "withheld",
]  # fmt: skip
BALANCE_COLUMNS = ["variable", "level", "smd_before", "smd_after", "variance_ratio_before", "variance_ratio_after"]
TEST_COLUMNS = ["variable", "chi2", "df", "p", "test", "t"]
FLOW_COLUMNS = ["track", "step", "role", "code", "label", "unit", "count"]
BEFORE, AFTER = "before", "after"
CHI_SQUARED = (PEARSON, PEARSON_SMALL)
SCORE_LABEL: Text = ("Propensity score", "Propensity score")
HIDDEN, UNKNOWN = "hidden", "unknown"  # stand for what may not be told, and what nobody knows


@dataclass(frozen=True, kw_only=True)
class Described:
    """Two groups in aggregate, as they may be told: protected.

    before, after   table 1 of all units, and of the matched ones with their weights (None without matching)
    differences     standardised mean differences before and after; None where it may not be told
    minimum         smaller counts are hidden
    distributions   of the propensity score, and before matching of the numbers that table 1 tells of. None beside
                    earlier releases: pictures of two releases could be subtracted
    unmatched       when nobody at all was matched: why (codes of matching.reasons.REASONS). `after` is empty then. Not
                    beside earlier releases, nor where not even sizes are told
    """

    before: TableOne
    after: TableOne | None
    differences: tuple[Difference, ...]
    minimum: int
    distributions: tuple[Histogram, ...] = ()
    unmatched: tuple[str, ...] = ()

    @property
    def stages(self) -> list[tuple[str, TableOne]]:
        """The tables that tell of anybody."""
        return [(BEFORE, self.before)] + ([(AFTER, self.after)] if self.after and not self.unmatched else [])


def describe(
    frame: pd.DataFrame,
    *,
    group: str,
    variables: Sequence[Variable],
    matched: Matched | None = None,
    minimum: int,
    earlier: Sequence[Release] = (),
) -> Described:
    """frame: a row for each unit, `group` 1 (or True) for participants; matched: of the same frame; earlier: what other
    releases of the project told."""
    weights = None if matched is None else matched.units["weight"].to_numpy()
    variables = occurring(frame, variables, _told_levels(earlier))
    tables = [table_one(frame, group, variables)]
    if weights is not None:
        tables.append(table_one(frame, group, variables, weights))
    safe = protect(tables, minimum, earlier)
    before, after = safe[0], safe[1] if weights is not None else None
    missing = [row for row in differences(frame, group, variables, weights) if row.level == MISSING]
    shown = None if after is None or None in after.sizes else matched  # shares in a picture would tell a hidden size
    all_told = not any(section.withheld or section.merged for table in safe for section in table.sections)
    return Described(
        before=before,
        after=after,
        differences=_told(before, after, missing),
        minimum=minimum,
        distributions=() if earlier else _distributions(frame, group, before, shown, minimum, all_told=all_told),
        unmatched=() if earlier or None in before.sizes else _unmatched(matched),
    )


def _unmatched(matched: Matched | None) -> tuple[str, ...]:
    if matched is None or matched.counts["participants_matched"]:
        return ()
    return tuple(code for code in REASONS if (matched.units["reason"] == code).any())


def _told_levels(earlier: Sequence[Release]) -> set[tuple[str, str]]:
    """Variables and levels that were told of before: where one has emptied since, it is told as nobody or hidden."""
    sections = [item for release in earlier for table in release.tables for item in table.sections.items()]
    return {(name, code) for name, section in sections for row in section.rows for code in row.codes}


def write_results(
    sink: Sink,
    described: Described,
    *,
    flow: pd.DataFrame | None = None,
    balance: pd.DataFrame | None = None,
    language: int = DANISH,
) -> None:
    """table1.csv, table1.html, balance.csv, tests.csv, love.svg, love.png; distributions.svg and .png when there are
    any; with `flow` (Flow.frame()) also flow.csv, flow.svg, flow.png. Tables for programs have English names, what
    people read is in `language`. balance: instead of what may be told, for an internal folder (exact_balance)."""
    sink("table1.csv", csv_bytes(pd.DataFrame(_table_rows(described, language), columns=TABLE_COLUMNS)))
    nobody = [REASONS[code] for code in described.unmatched]
    sink("table1.html", table_page.page(described.stages, described.minimum, language, nobody).encode())
    sink("balance.csv", csv_bytes(balance_of(described) if balance is None else balance))
    sink("tests.csv", csv_bytes(tests_of(described.before)))
    for kind in ("svg", "png"):
        sink(f"love.{kind}", _picture(pictures.love_plot, described.differences, kind, language))
        if described.distributions:
            sink(f"distributions.{kind}", _picture(pictures.distributions, described.distributions, kind, language))
    if flow is not None:
        sink("flow.csv", csv_bytes(_flow_table(flow, language)))
        for kind in ("svg", "png"):
            sink(f"flow.{kind}", _picture(pictures.flow_chart, flow, kind, language))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Comma, decimal point, UTF-8, LF; missing is empty. Numbers to twelve figures: their sums, taken in another order
    of the rows, give the same file."""
    columns = {name: values.map(_figures) if values.dtype.kind in "fO" else values for name, values in frame.items()}
    return pd.DataFrame(columns).to_csv(index=False, lineterminator="\n").encode()


def _figures(value: object) -> object:
    return float(f"{value:.12g}") if isinstance(value, float) else value


def balance_of(described: Described) -> pd.DataFrame:
    """BALANCE_COLUMNS: standardised mean differences and, of numbers, variance ratios before and after; missing where
    they may not be told. A number and a variable of yes and no have one row without a level."""
    return pd.DataFrame([_balance_row(row) for row in described.differences], columns=BALANCE_COLUMNS)


def _balance_row(row: Difference) -> list[object]:
    ratios = [row.variance_ratio_before, row.variance_ratio_after]
    return [row.variable, row.level, row.smd_before, row.smd_after, *ratios]


def exact_balance(
    frame: pd.DataFrame, *, group: str, variables: Sequence[Variable], matched: Matched | None, described: Described
) -> pd.DataFrame:
    """BALANCE_COLUMNS to full precision, for whoever has the rows too: what is rounded elsewhere is not rounded here.
    Missing where table 1 tells nothing of a variable, or has joined the level with another."""
    hidden = {
        (section.variable.name, level)
        for section in described.before.sections
        for level in (*_joined(section), *([""] if section.withheld in table_page.NOTHING_TOLD else []))
    }
    weights = None if matched is None else matched.units["weight"].to_numpy()
    rows = [
        [row.variable, row.level, *[None] * 4]
        if {(row.variable, row.level), (row.variable, "")} & hidden
        else _balance_row(row)
        for row in differences(frame, group, occurring(frame, variables), weights)
    ]
    return pd.DataFrame(rows, columns=BALANCE_COLUMNS)


def _joined(section: Section) -> set[str]:
    return {code for codes in section.merged.values() for code in codes}


def tests_of(table: TableOne) -> pd.DataFrame:
    """TEST_COLUMNS: a row for each variable that has a test which may be told; `t` of Welch's, participants less the
    others."""
    rows = []
    for section in table.sections:
        if (test := section.test) is not None:
            chi2, t = (test.statistic if test.name in names else None for names in (CHI_SQUARED, (WELCH,)))
            rows.append([section.variable.name, chi2, test.df, test.p, test.name, t])
    return pd.DataFrame(rows, columns=TEST_COLUMNS)


_Smds = dict[tuple[str, str], tuple[Text, Number, Number]]  # by variable and level: label, difference, variance ratio


def _told(before: TableOne, after: TableOne | None, missing: Sequence[Difference]) -> tuple[Difference, ...]:
    """What the protected tables tell; levels that were joined as they stand there. missing: of numeric variables, whose
    tables have no difference for it; told where its counts are."""
    tables = [before] if after is None else [before, after]
    hidden = {
        section.variable.name
        for table in tables
        for section in table.sections
        if section.spread is not None and None in section.spread.missing
    }
    unknown = {row.variable: row for row in missing if row.variable not in hidden}
    now = {} if after is None else _smds(after)
    rows: list[Difference] = []
    for (variable, level), (label, smd, ratio) in _smds(before).items():
        _, smd_after, ratio_after = now.get((variable, level), (label, None, None))
        rows.append(Difference(variable, level, label, smd, smd_after, ratio, ratio_after))
        if level == "" and variable in unknown:
            rows.append(unknown[variable])
    return tuple(rows)


def _distributions(
    frame: pd.DataFrame, group: str, before: TableOne, matched: Matched | None, minimum: int, *, all_told: bool
) -> tuple[Histogram, ...]:
    """all_told: whether the tables tell every level. A score of few values has a bar for each combination of levels, so
    that it would tell what the tables don't."""
    participant = participants_of(frame, group)
    drawn: list[Histogram | None] = []
    score = None if matched is None or matched.score is None else matched.score.to_numpy(float)
    many = score is not None and len(np.unique(score.round(9))) > FEW * minimum
    if matched is not None and score is not None and None not in before.sizes and (many or all_told):
        weights = matched.units["weight"].to_numpy(float)
        drawn.append(histogram(score, participant, SCORE_LABEL, weights, minimum))
    for section in before.sections:
        if section.spread is not None and None not in (*section.spread.counts, *section.spread.means):
            values = frame[section.variable.name].to_numpy(dtype=float, na_value=float("nan"))
            drawn.append(histogram(values, participant, section.variable.label, minimum=minimum))
    return tuple(each for each in drawn if each is not None)


def _smds(table: TableOne) -> _Smds:
    found: _Smds = {}
    for section in table.sections:
        name, label = section.variable.name, section.variable.label
        if section.spread is not None:
            found[name, ""] = label, section.spread.smd, section.spread.variance_ratio
        elif one := _yes(section):
            found[name, ""] = label, one.smd, None
        else:
            for row in section.rows:
                joined = f"{label[0]}: {row.label[0]}", f"{label[1]}: {row.label[1]}"
                found[name, row.level] = joined, row.smd, None
    return found


def _yes(section: Section) -> Row | None:
    """The only row that says something of a variable of yes and no."""
    if section.variable.kind != BINARY or {row.level for row in section.rows} != {"0", "1"}:
        return None
    return next(row for row in section.rows if row.level == "1")


def _table_rows(described: Described, language: int) -> Iterator[list[object]]:
    for stage, table in described.stages:
        for section in table.sections:
            head = [stage, section.variable.name, section.variable.label[language]]
            if (spread := section.spread) is not None:
                means = [spread.means[0], spread.deviations[0], spread.means[1], spread.deviations[1]]
                counts = [_cell(spread.counts[0]), None, _cell(spread.counts[1]), None]
                yield [*head, "", "", *counts, *means, spread.smd, spread.variance_ratio, section.withheld]
                if any(spread.missing) or None in spread.missing:
                    unknown = [_cell(spread.missing[0]), None, _cell(spread.missing[1]), None]
                    yield [*head, MISSING, MISSING_LABEL[language], *unknown, *[None] * 6, section.withheld]
            for row in section.rows:
                pairs = [_cell(row.counts[0]), row.percents[0], _cell(row.counts[1]), row.percents[1]]
                level = [row.level, row.label[language]]
                yield [*head, *level, *pairs, *[None] * 4, row.smd, None, section.withheld]


def _cell(count: float | None) -> str:
    if count is None:
        return HIDDEN
    return str(int(count)) if float(count).is_integer() else repr(float(count))


def _flow_table(flow: pd.DataFrame, language: int) -> pd.DataFrame:
    told = flow.assign(
        label=[LABELS[code][language] for code in flow["code"]],
        count=[
            HIDDEN if hidden else UNKNOWN if pd.isna(count) else str(count)
            for count, hidden in zip(flow["count"], flow["hidden"], strict=True)
        ],
    )
    return told[FLOW_COLUMNS]


def _picture(draw: Callable[..., None], shown: object, kind: str, language: int) -> bytes:
    stream = io.BytesIO()
    draw(shown, stream, kind=kind, language=language)
    return stream.getvalue()
