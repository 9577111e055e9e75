"""Table 1 as a page of HTML that stands alone: to be read, printed, or taken into a report."""

from collections.abc import Sequence
from html import escape

from .tables import Number, Section, Spread, TableOne, Test
from .texts import DANISH, Text

STAGES: dict[str, Text] = {
    "before": ("Alle", "All"),
    "after": ("Efter matchning", "After matching"),
}
WITHHELD: dict[str, Text] = {
    "hidden_cells": (
        "Vises ikke, fordi antal er for små og ikke kan slås sammen.",
        "Not shown: counts are too small and can't be joined.",
    ),
    "small_group": (
        "Vises ikke, fordi en af grupperne er for lille.",
        "Not shown, because one of the groups is too small.",
    ),
    "earlier_release": (
        "Vises ikke, fordi tallet sammen med en tidligere udlevering ville røbe et skjult tal.",
        "Not shown: beside an earlier release it would give a hidden number away.",
    ),
    "differences_only": (
        "Kun afrundede forskelle vises: tallene ville sammen med dem for alle røbe et lille tal.",
        "Only rounded differences are shown: beside those of all, the numbers would give a small one away.",
    ),
    "rounded": (
        "Gennemsnit er afrundet, og der vises ingen test: ellers kunne et lille tal regnes ud.",
        "Means are rounded and no test is shown: else a small number could be worked out.",
    ),
}
NOTHING_TOLD = ("hidden_cells", "small_group", "earlier_release")
TESTS = {"pearson": "χ²", "pearson_small": "χ² *", "fisher": "Fisher", "welch": "Welch t"}
NOBODY: Text = ("Ingen blev matchet", "Nobody was matched")
_TITLE: Text = ("Tabel 1. Deltagere og sammenligningsgruppe", "Table 1. Participants and comparison group")
_HEADS: tuple[Text, ...] = (
    ("Kendetegn", "Characteristic"),
    ("Deltagere", "Participants"),
    ("Sammenligning", "Comparison"),
    ("SMD", "SMD"),
    ("Test", "Test"),
)
_COUNT, _PERCENT = ("Antal", "Number"), ("Pct.", "Per cent")
_HIDDEN: Text = ("skjult", "hidden")
_EFFECTIVE: Text = ("effektivt", "effective")
_MEAN: Text = ("Gennemsnit (standardafvigelse)", "Mean (standard deviation)")
_MISSING: Text = ("Uoplyst", "Not known")
_NOTES: tuple[Text, ...] = (
    (
        "SMD: forskellen mellem grupperne delt med deltagernes standardafvigelse før matchning (den samme før og "
        "efter).",
        "SMD: the difference between the groups over the participants' standard deviation before matching (the same "
        "before and after).",
    ),
    (
        "χ²: Pearsons test uden kontinuitetskorrektion. Fisher: eksakt test, hvor et forventet antal er under 5 "
        "(χ² *: hvor den eksakte er for stor at regne, og p kun er omtrentlig). Welch t: test af to gennemsnit.",
        "χ²: Pearson's test without continuity correction. Fisher: exact test where an expected count is below 5 "
        "(χ² *: where the exact one is too large to compute, and p is rough). Welch t: test of two means.",
    ),
    ("Procenter er rundet af, så de tilsammen giver 100,0.", "Percentages are rounded so that they add up to 100.0."),
)
_STYLE = """\
body{font:16px/1.5 "IBM Plex Sans",system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem auto;
max-width:64rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 .5rem}
th,td{padding:.25rem .6rem;text-align:right;vertical-align:top}
thead tr:first-child th:first-child,tbody th{text-align:left}
thead th{border-bottom:2px solid #1a1a1a}
tbody{border-bottom:1px solid #bfbfbf}
tbody th{font-weight:400;padding-left:1.6rem}
tbody .name th,tbody .name td{font-weight:600;padding-left:.6rem;padding-top:.5rem}
tbody .name td{font-weight:400;white-space:nowrap}
tbody .name td.quiet{text-align:left;white-space:normal}
tbody .size th,tbody .size td{color:#505050}
tbody th,tbody td{white-space:nowrap}
.quiet{color:#505050}
@media print{body{margin:0;max-width:none}tbody{break-inside:avoid}}
"""  # the page's own: it is opened from a folder, without the site


def page(stages: Sequence[tuple[str, TableOne]], minimum: int, language: int, nobody: Sequence[Text] = ()) -> str:
    """stages: "before" and, after matching, "after", each with its table (protected). nobody: why, when nobody was
    matched and there is no table after."""
    title = _TITLE[language]
    tables = "".join(_stage(name if len(stages) > 1 else "", table, language) for name, table in stages)
    if nobody:
        told = " ".join(f"{text[language]}." for text in (NOBODY, *nobody))
        tables += f"<h2>{STAGES['after'][language]}</h2>\n<p>{escape(told)}</p>\n"
    notes = "".join(f"<li>{escape(text[language])}</li>" for text in (hidden_below(minimum), *_NOTES))
    return (
        f'<!doctype html>\n<html lang="{"da" if language == DANISH else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{tables}"
        f'<ul class="quiet">{notes}</ul>\n</body>\n</html>\n'
    )


def hidden_below(minimum: int) -> Text:
    if minimum == 1:
        return (
            "Ingen tal er skjult, for det mindste antal er sat til 1: se efter små tal, før noget offentliggøres.",
            "No counts are hidden, since the smallest count is set to 1: look for small ones before publishing.",
        )
    return (
        f"Tal på under {minimum} er skjult, og med dem de tal, de kunne regnes ud af.",
        f"Counts below {minimum} are hidden, and with them the numbers that would give them back.",
    )


def figure(value: Number, decimals: int, language: int, *, hidden: Text = _HIDDEN) -> str:
    """As it is printed: 1.234,5 or 1,234.5; the word for hidden instead of None."""
    if value is None:
        return hidden[language]
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    if language == DANISH:
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", "−")


def p_value(p: Number, language: int) -> str:
    if p is None:
        return ""
    return f"p < {figure(0.001, 3, language)}" if p < 0.001 else f"p = {figure(p, 3, language)}"


def _stage(name: str, table: TableOne, language: int) -> str:
    heading = f"<h2>{STAGES[name][language]}</h2>\n" if name else ""
    heads = [text[language] for text in _HEADS]
    tests = "" if table.weighted else f'<th scope="col" rowspan="2">{heads[4]}</th>'
    counted = f'<th scope="col">{_COUNT[language]}</th><th scope="col">{_PERCENT[language]}</th>'
    head = (
        f'<thead>\n<tr><th scope="col" rowspan="2">{heads[0]}</th><th scope="colgroup" colspan="2">{heads[1]}</th>'
        f'<th scope="colgroup" colspan="2">{heads[2]}</th><th scope="col" rowspan="2">{heads[3]}</th>'
        f"{tests}</tr>\n<tr>{counted}{counted}</tr>\n</thead>\n"
    )
    sizes = " · ".join(_size(heads[place + 1], table, place, language) for place in range(2))
    bodies = "".join(_section(section, table, language) for section in table.sections)
    return (
        f'{heading}<div class="wide" role="region" tabindex="0" aria-label="{STAGES[name or "before"][language]}">'
        f"<table>\n<caption>{sizes}</caption>\n{head}{bodies}</table></div>\n"
    )


def _size(group: str, table: TableOne, place: int, language: int) -> str:
    size, effective = table.sizes[place], table.effective and table.effective[place]
    weighed = (
        ""
        if effective is None or size is None or round(effective - size, 1) == 0
        else f" ({_EFFECTIVE[language]} {figure(effective, 1, language)})"
    )
    return f"{group}: {_count(size, language)}{weighed}"


def _section(section: Section, table: TableOne, language: int) -> str:
    label = escape(section.variable.label[language])
    end = "" if table.weighted else "<td></td>"
    lines = [_name(label, section, table.weighted, language)]
    if section.withheld in NOTHING_TOLD:
        return "<tbody>\n" + lines[0] + "\n</tbody>\n"
    if section.spread is not None:
        lines += _spread(section.spread, end, language)
    for row in section.rows:
        cells = "".join(
            f"<td>{_count(count, language)}</td><td>{figure(percent, 1, language)}</td>"
            for count, percent in zip(row.counts, row.percents, strict=True)
        )
        smd = "" if row.smd is None else figure(row.smd, 3, language)
        lines.append(f'<tr><th scope="row">{escape(row.label[language])}</th>{cells}<td>{smd}</td>{end}</tr>')
    if section.rows and None not in section.rows[0].counts:
        total = "".join(f"<td>{_count(size, language)}</td><td>{figure(100, 1, language)}</td>" for size in table.sizes)
        lines.append(f'<tr class="size"><th scope="row">N</th>{total}<td></td>{end}</tr>')
    return "<tbody>\n" + "\n".join(lines) + "\n</tbody>\n"


def _name(label: str, section: Section, weighted: bool, language: int) -> str:
    if section.withheld:
        note = WITHHELD[section.withheld][language]
        width = 5 if weighted else 6
        return (
            f'<tr class="name"><th scope="rowgroup">{label}</th>'
            f'<td class="quiet" colspan="{width}">{escape(note)}</td></tr>'
        )
    test = "" if weighted else f"<td>{_test(section.test, language)}</td>"
    return f'<tr class="name"><th scope="rowgroup" colspan="6">{label}</th>{test}</tr>'


def _test(test: Test | None, language: int) -> str:
    if test is None or test.p is None:
        return ""
    statistic = "" if test.statistic is None else f" = {figure(test.statistic, 2, language)}"
    return f"{TESTS.get(test.name, escape(test.name))}{statistic}; {escape(p_value(test.p, language))}"


def _spread(spread: Spread, end: str, language: int) -> list[str]:
    means = "".join(
        f'<td colspan="2">{_mean(mean, deviation, language)}</td>'
        for mean, deviation in zip(spread.means, spread.deviations, strict=True)
    )
    smd = "" if spread.smd is None else figure(spread.smd, 3, language)
    lines = [f'<tr><th scope="row">{_MEAN[language]}</th>{means}<td>{smd}</td>{end}</tr>']
    if None not in spread.counts:
        counts = "".join(f"<td>{_count(count, language)}</td><td></td>" for count in spread.counts)
        lines.append(f'<tr class="size"><th scope="row">N</th>{counts}<td></td>{end}</tr>')
    if any(spread.missing):
        missing = "".join(f"<td>{_count(count, language)}</td><td></td>" for count in spread.missing)
        lines.append(f'<tr class="size"><th scope="row">{_MISSING[language]}</th>{missing}<td></td>{end}</tr>')
    return lines


def _mean(mean: Number, deviation: Number, language: int) -> str:
    return _HIDDEN[language] if mean is None else f"{figure(mean, 2, language)} ({figure(deviation, 2, language)})"


def _count(count: float | None, language: int) -> str:
    """Whole counts whole; sums of weights with one decimal."""
    whole = count is None or float(count).is_integer()
    return figure(count, 0 if whole else 1, language)
