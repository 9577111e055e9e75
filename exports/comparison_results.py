"""What the pages of a comparison delivery show of its groups: counts, table 1, differences, distributions, small
groups, in words.

Made of the delivery's report alone, where everything in aggregate is protected already.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from exports import wording
from exports.comparison.runner.matching.reasons import REASONS
from exports.comparison.runner.table_page import TESTS, WITHHELD, figure, p_value
from exports.comparison.runner.texts import DANISH, ENGLISH
from exports.linkage.codebook import masked
from exports.linkage.schema import Layout, Variable, layout_from_json

SMD_DECIMALS = 3


def layouts_of(report: Mapping[str, Any]) -> dict[str, Layout]:
    """The files' columns as prepared, by FAMILIES and PERSONS; empty before that."""
    return {name: layout_from_json(data) for name, data in report.get("layouts", {}).items()}


def variables_of(layouts: Mapping[str, Layout]) -> dict[str, Variable]:
    return {variable.name: variable for layout in layouts.values() for variable in layout.variables}


def results_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """Of a prepared delivery: `stages` of table 1, `matching` (who is not matched, and why), `differences` and
    `distributions`. Empty before it is prepared."""
    described = report.get("described")
    if not described:
        return {}
    matching = report.get("matching", {})
    matched = described["after"] is not None and not matching.get("nobody")
    stages = [(_("Før matchning") if matched else "", described["before"])]
    if matched:
        stages.append((_("Efter matchning"), described["after"]))
    return {
        "minimum": described["minimum"],
        "unknown": ", ".join(sorted({wording.in_language(label) for label in report.get("unknown", [])})),
        "matched": matched,
        "matching": _matching(matching),
        "stages": [_stage(name, table) for name, table in stages],
        "differences": [
            {
                "label": wording.in_language(each["label"]),
                "before": _figure(each["smd_before"]),
                "after": _figure(each["smd_after"]),
            }
            for each in described["differences"]
        ],
        "distributions": [_distribution(each) for each in described.get("distributions", ())],
    }


def pictures_of(report: Mapping[str, Any]) -> list[str]:
    """The names of those that may be shown. Distributions that are told no longer may still lie in the folder."""
    distributions = report.get("described", {}).get("distributions")
    return [*(["flow"] if report.get("flow") else []), "love", *(["distributions"] if distributions else [])]


def files_of(report: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """The files' names and how many rows they have; None where that may not be told (`counted`)."""
    counted = report.get("counted", True)
    return [(name, rows if counted else None) for name, rows in report.get("rows_by_file", {}).items()]


def k_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """report["k"] without the counts of variables left out where sizes may not be told (`counted`)."""
    k = report.get("k", {})
    return k if report.get("counted", True) else k | {"without": [], "smallest": ""}


def k_parts(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each file and group: how many rows are in groups below k. Nothing where sizes may not be told."""
    k = report.get("k", {}) if report.get("counted", True) else {}
    names = {"families": _("Familier"), "persons": _("Personer")}
    groups = {"participant": _("Deltagere"), "comparison": _("Sammenligning")}
    return [
        {
            "rows": names[part["rows"]],
            "group": groups[part["group"]],
            "size": part["size"],
            "below": wording.shown_count(masked(part["persons_below"], k["k"])),
            "smallest": wording.shown_count(part["smallest"]),
        }
        for part in k.get("parts", [])
    ]


def _stage(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "sizes": [_count(size) for size in table["sizes"]],
        "sections": [_section(section) for section in table["sections"]],
    }


def _section(section: Mapping[str, Any]) -> dict[str, Any]:
    spread = section["spread"]
    rows = [
        {
            "label": wording.in_language(row["label"]),
            "cells": [_share(*pair) for pair in zip(row["counts"], row["percents"], strict=True)],
            "smd": _smd(row["smd"]),
        }
        for row in section["rows"]
    ]
    if spread is not None:
        means = zip(spread["means"], spread["deviations"], strict=True)
        rows.insert(
            0,
            {
                "label": _("Gennemsnit (standardafvigelse)"),
                "cells": [_mean(mean, deviation) for mean, deviation in means],
                "smd": _smd(spread["smd"]),
            },
        )
        if any(spread["missing"]):
            missing = [_count(count) for count in spread["missing"]]
            rows.append({"label": _("Uoplyst"), "cells": missing, "smd": ""})
    withheld = section["withheld"]
    return {
        "label": wording.in_language(section["variable"]["label"]),
        "note": wording.in_language(WITHHELD[withheld]) if withheld else "",
        "test": _test(section["test"]),
        "rows": rows,
    }


def _matching(matching: Mapping[str, Any]) -> dict[str, Any]:
    """Empty when all were matched and there is nothing to know, or when it may not be told."""
    names = {"participant": _("Deltagere"), "comparison": _("Sammenligning")}
    left_out: dict[str, list[dict[str, str]]] = {}
    for group, code, shown in matching.get("left_out", []):
        row = {"reason": wording.in_language(REASONS[code]), "shown": wording.shown_count(shown)}
        left_out.setdefault(names[group], []).append(row)
    notes = [wording.in_language(note) for note in matching.get("notes", [])]
    if not left_out and not notes:
        return {}
    return {"nobody": matching["nobody"], "left_out": left_out, "notes": notes}


def _distribution(histogram: Mapping[str, Any]) -> dict[str, Any]:
    """`groups`: of each the bars with their share of the group, before and, when there is one, after matching."""
    names = (_("Deltagere"), _("Sammenligning"))
    return {
        "label": wording.in_language(histogram["label"]),
        "matched": histogram["groups"][0]["after"] is not None,
        "groups": [{"name": name, "bars": _bars(bars)} for name, bars in zip(names, histogram["groups"], strict=True)],
    }


def _bars(bars: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outermost hold those who lie beyond them too."""
    edges = [_edge(edge) for edge in bars["edges"]]
    spans = [_("%(least)s til under %(most)s") % {"least": a, "most": b} for a, b in pairwise(edges)]
    spans[0] = _("Under %(most)s") % {"most": edges[1]}
    spans[-1] = _("%(least)s og derover") % {"least": edges[-2]} if len(spans) > 1 else _("Alle")
    shares = zip(bars["before"], *([bars["after"]] if bars["after"] is not None else []), strict=True)
    return [
        {"span": span, "shares": [_percent(100 * share) for share in pair]}
        for span, pair in zip(spans, shares, strict=True)
    ]


def _edge(edge: float) -> str:
    return figure(edge, len(f"{edge:.6f}".rstrip("0").split(".")[1]), _language())


def _test(test: Mapping[str, Any] | None) -> str:
    if test is None or test["p"] is None:
        return ""
    statistic = "" if test["statistic"] is None else f" = {_figure(test['statistic'], 2)}"
    return f"{TESTS.get(test['name'], test['name'])}{statistic}; {p_value(test['p'], _language())}"


def _mean(mean: float | None, deviation: float | None) -> str:
    return _figure(None) if mean is None else f"{_figure(mean, 2)} ({_figure(deviation, 2)})"


def _share(count: float | None, percent: float | None) -> str:
    """A count with its percentage: "26 (29,2 %)"; weighted tables may tell the percentage alone."""
    if percent is None:
        return _count(count)
    share = _percent(percent)
    return share if count is None else f"{_count(count)} ({share})"


def _percent(percent: float) -> str:
    return f"{_figure(percent, 1)}\N{NO-BREAK SPACE}%"


def _count(count: float | None) -> str:
    return figure(count, 0 if count is None or float(count).is_integer() else 1, _language())


def _smd(value: float | None) -> str:
    return "" if value is None else _figure(value)


def _figure(value: float | None, decimals: int = SMD_DECIMALS) -> str:
    return figure(value, decimals, _language(), hidden=("–", "–"))


def _language() -> int:
    return wording.in_language((DANISH, ENGLISH))


def flow_steps(flow: Sequence[Sequence[Any]], labels: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The flow's counts as rows of a table, by group: what of, how many, and whether they were left out."""
    tracks: dict[str, list[dict[str, Any]]] = {"participant": [], "comparison": []}
    before = ""
    for track, _step, role, code, unit, shown in flow:
        if role == "before" and code == before:  # a step begins with what the one before it ended with
            continue
        before = code
        row = {
            "label": wording.in_language(labels.get(code, (code, code))),
            "unit": _("personer") if unit == "persons" else _("familier"),
            "shown": wording.shown_count(shown),
            "left_out": role == "left_out",
        }
        tracks[track].append(row)
    names = {"participant": _("Deltagere"), "comparison": _("Sammenligning")}
    return [{"name": names[track], "rows": rows} for track, rows in tracks.items() if rows]
