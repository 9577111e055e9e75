"""summary.txt: what was done, in words, for whoever opens the folder later."""

from collections.abc import Collection, Sequence
from importlib.metadata import version

import pandas as pd

from .coverage import ADULTS, CHILDREN, Coverage
from .definition import FAMILY, Definition
from .definition_words import matching_words, paragraphs
from .drawing import Selection
from .match_spec import MatchTask
from .matching.matched import Matched
from .matching.reasons import REASONS
from .results import Described
from .table_page import NOBODY, figure, hidden_below
from .texts import DANISH, ENGLISH, Text
from .variables import BINARY, CATEGORICAL, NUMERIC, Variable

UNITS = "units.csv"
STEP = 5  # per cent, of what is said of registers
PACKAGES = ("numpy", "pandas", "pyarrow", "duckdb", "scipy", "matplotlib")
KINDS: dict[str, Text] = {
    NUMERIC: ("tal", "numbers"),
    BINARY: ("ja eller nej", "yes or no"),
    CATEGORICAL: ("grupper", "categories"),
}
FILES: dict[str, Text] = {
    UNITS: ("Hver enhed med vægt, match og grund", "Each unit with weight, match and reason"),
    "families.csv": ("Familierne, én række for hver", "The families, a row for each"),
    "families.parquet": ("De samme rækker", "The same rows"),
    "persons.csv": ("Personerne, én række for hver", "The persons, a row for each"),
    "persons.parquet": ("De samme rækker", "The same rows"),
    "flow.csv": ("Hvem der blev ladt ude ved hvert trin, og hvorfor", "Who was left out at each step, and why"),
    "flow.svg": ("Det samme som figur", "The same as a figure"),
    "table1.html": ("Tabel 1, til at læse", "Table 1, to be read"),
    "table1.csv": ("Tabel 1, til programmer", "Table 1, for programs"),
    "balance_internal.csv": ("De samme forskelle, ikke afrundet", "The same differences, not rounded"),
    "balance.csv": ("Standardiserede forskelle før og efter", "Standardised mean differences before and after"),
    "tests.csv": ("Test af forskelle mellem grupperne", "Tests of differences between the groups"),
    "love.svg": ("Standardiserede forskelle som figur", "Standardised mean differences as a figure"),
    "distributions.svg": ("Fordelinger af tal i begge grupper", "Distributions of numbers in both groups"),
    "definition.json": ("Reglen, til programmer", "The definition, for programs"),
    "codebook.csv": ("Variabler, koder og kilder", "Variables, codes and sources"),
    "manifest.json": ("Kontrolsummer (SHA-256) af filerne", "Checksums (SHA-256) of the files"),
}  # fmt: skip


def match_summary(
    task: MatchTask, frame: pd.DataFrame, variables: Sequence[Variable], matched: Matched | None, described: Described
) -> Text:
    sizes = described.before.sizes
    danish = [
        "Matchning" if matched else "Beskrivelse uden matchning",
        f"{len(frame)} enheder: {_told(sizes, DANISH)} ({task.group}).",
        matching_words(task.matching)[0],
    ]
    english = [
        "Matching" if matched else "Description without matching",
        f"{len(frame)} units: {_told(sizes, ENGLISH)} ({task.group}).",
        matching_words(task.matching)[1],
    ]
    if described.unmatched:
        danish.append(_nobody(described)[DANISH])
        english.append(_nobody(described)[ENGLISH])
    elif matched is not None and described.after is not None:
        kept = described.after.sizes
        danish.append(f"Efter matchning: {_told(kept, DANISH)}.")
        english.append(f"After matching: {_told(kept, ENGLISH)}.")
        reasons = [code for code in REASONS if (matched.units["reason"] == code).any()]
        danish += [f"{code} ({UNITS}): {REASONS[code][0]}." for code in reasons]
        english += [f"{code} ({UNITS}): {REASONS[code][1]}." for code in reasons]
    danish.append("Variabler: " + "; ".join(f"{each.name}: {KINDS[each.kind][0]}" for each in variables) + ".")
    english.append("Variables: " + "; ".join(f"{each.name}: {KINDS[each.kind][1]}" for each in variables) + ".")
    names = [UNITS, "table1.html", "table1.csv", "balance.csv", "tests.csv", "love.svg"]
    names += ["distributions.svg", "manifest.json"] if described.distributions else ["manifest.json"]
    return finished(danish, english, names, (UNITS, "balance.csv"), task.minimum)


def _told(sizes: tuple[int | None, int | None], language: int, unit: str = "") -> str:
    """How large the two groups are, or that it is not told. Of families it isn't participants: two parents may be."""
    if None in sizes:
        return ("tallene vises ikke, for så kunne små tal regnes ud", "not told: small numbers could be worked out")[
            language
        ]
    if unit == FAMILY:
        words = ("deltagerfamilier og", "sammenligningsfamilier"), ("participant families and", "comparison families")
    else:
        words = ("deltagere og", "i sammenligningsgruppen"), ("participants and", "in the comparison group")
    return f"{sizes[0]} {words[language][0]} {sizes[1]} {words[language][1]}"


def comparison_summary(
    definition: Definition,
    described: Described,
    selection: Selection,
    names: Collection[str],
    internal: Collection[str],
) -> Text:
    told = paragraphs(definition)
    danish, english = (
        ["Sammenligningsgruppe", *(text[0] for text in told)],
        ["Comparison group", *(text[1] for text in told)],
    )
    for stage, table in described.stages:
        if None not in table.sizes:
            when = {"before": ("Dannet", "Drawn"), "after": ("Efter matchning", "After matching")}[stage]
            danish.append(f"{when[0]}: {_told(table.sizes, DANISH, definition.unit)}.")
            english.append(f"{when[1]}: {_told(table.sizes, ENGLISH, definition.unit)}.")
    if None in described.before.sizes:
        danish.append(f"En af grupperne har under {definition.minimum}: der vises ingen tal og intet forløb.")
        english.append(f"One of the groups has fewer than {definition.minimum}: no counts and no flow are shown.")
    further = [_nobody(described)] if described.unmatched else []
    further += [_medians(selection)] if selection.medians else []
    if None not in described.before.sizes:
        further += _registers(selection.coverage, definition.minimum)
    danish += [text[0] for text in further]
    english += [text[1] for text in further]
    danish.append(
        "Deltagere, der ikke har givet samtykke eller har trukket det tilbage, kan ikke genkendes i registrene og kan "
        "stå i sammenligningsgruppen. Det skal fremgå, hvor resultatet bruges."
    )
    english.append(
        "Participants who have not consented, or have withdrawn, can't be recognised in the registers and may stand in "
        "the comparison group. Say so where the result is used."
    )
    return finished(
        danish, english, [name for name in FILES if name in {*names, "manifest.json"}], internal, definition.minimum
    )


def _nobody(described: Described) -> Text:
    texts = [NOBODY, *(REASONS[code] for code in described.unmatched)]
    return " ".join(f"{text[DANISH]}." for text in texts), " ".join(f"{text[ENGLISH]}." for text in texts)


def _medians(selection: Selection) -> Text:
    """The median of each year, and of how many persons it is."""

    def said(year: int, language: int) -> str:
        persons = selection.median_persons.get(year)
        of = (
            ("oplyst, ikke beregnet her", "given, not computed here")
            if persons is None
            else (f"af {figure(persons, 0, DANISH)} personer", f"of {figure(persons, 0, ENGLISH)} persons")
        )
        return f"{year}: {figure(selection.medians[year], 0, language)} ({of[language]})"

    listed = ["; ".join(said(year, language) for year in sorted(selection.medians)) for language in (DANISH, ENGLISH)]
    return (
        f"Medianen af ækvivaleret disponibel indkomst i kr., af personer i familier med kendt indkomst: {listed[0]}.",
        f"Median of equivalised disposable income in kroner, of persons in families with a known income: {listed[1]}.",
    )


def _registers(coverage: Sequence[Coverage], minimum: int) -> list[Text]:
    """What share of the groups' people the registers have rows of: in steps that hold at least `minimum` persons."""
    told: list[Text] = []
    for who, label in ((ADULTS, ("voksne", "adults")), (CHILDREN, ("børn", "children"))):
        shares = [each for each in coverage if each.who == who and each.persons * STEP >= 100 * minimum]
        if shares:
            listed = "; ".join(f"{each.register} {_share(each)}" for each in shares)
            told.append((
                f"Så mange af begge gruppers {label[0]} har en række i registret, afrundet til {STEP} %: {listed}.",
                f"Share of both groups' {label[1]} with a row in the register, to the nearest {STEP} %: {listed}.",
            ))  # fmt: skip
    for each in coverage:
        if each.lacking:
            years = ", ".join(map(str, each.lacking))
            told.append((
                f"{each.register} har ingen rækker fra {years}, som reglen ser tilbage på: hændelser i de år er ikke "
                "talt med.",
                f"{each.register} has no rows from {years}, which the rule looks back on: events of those years are "
                "not counted.",
            ))  # fmt: skip
    return told


def _share(each: Coverage) -> str:
    step = round(100 * each.found / each.persons / STEP) * STEP
    return f"under {STEP} %" if step == 0 else f"over {100 - STEP} %" if step == 100 else f"{step} %"


def finished(
    danish: Sequence[str], english: Sequence[str], names: Sequence[str], internal: Collection[str], minimum: int
) -> Text:
    """The paragraphs, and what every summary ends with: files, rules of use, versions."""
    hidden = hidden_below(minimum)
    rule = (
        "Filer mærket INTERN har en række for hver enhed eller tal, der ikke er afrundet, og må ikke offentliggøres. "
        f"De andre filer: {hidden[DANISH][0].lower()}{hidden[DANISH][1:]}",
        "Files marked INTERNAL have a row for each unit, or numbers that are not rounded, and must not be published. "
        f"The other files: {hidden[ENGLISH][0].lower()}{hidden[ENGLISH][1:]}",
    )
    ends = []
    for language, files in enumerate(("Filer", "Files")):
        listed = "\n".join(f"  {name:<22}{_about(name, internal)[language]}" for name in names)
        ends.append(f"{files}\n{listed}\n\n{rule[language]}")
    used = "Python-pakker", "Python packages"
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    texts = [
        "\n\n".join([*paragraphs, ends[language], f"{used[language]}: {versions}."]) + "\n"
        for language, paragraphs in enumerate((danish, english))
    ]
    return texts[0], texts[1]


def _about(name: str, internal: Collection[str]) -> Text:
    danish, english = FILES[name]
    return (f"INTERN. {danish}", f"INTERNAL. {english}") if name in internal else (danish, english)
