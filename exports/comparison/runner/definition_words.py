"""A definition in plain words, in Danish and in English."""

from collections.abc import Iterable, Mapping

from .characteristics import CATALOGUE
from .definition import CHOSEN, DEPARTMENTS, EVER, PERSON, PLANS, SINCE, WINDOW, Chosen, Definition
from .matching.spec import (
    COARSENED,
    DATA,
    EXACT,
    LARGEST,
    LOGIT,
    NEAREST,
    NONE,
    RANDOM,
    SMALLEST,
    MatchSpec,
)
from .texts import DANISH, ENGLISH, Text


def summary(definition: Definition, names: Mapping[str, str] | None = None) -> Text:
    """The definition in plain words. `names` maps codes of activity types to what they are called."""
    told = paragraphs(definition, names)
    return " ".join(text[DANISH] for text in told), " ".join(text[ENGLISH] for text in told)


def paragraphs(definition: Definition, names: Mapping[str, str] | None = None) -> list[Text]:
    """The same in parts: participants, comparison, characteristics, matching, small numbers."""
    parts = (_participants, _comparison, _characteristics, _matching, _limits)
    return [text for part in parts if any(text := part(definition, names or {}))]


# --- Who -------------------------------------------------------------------------------------------------


def _participants(definition: Definition, names: Mapping[str, str]) -> Text:
    types = _listed(definition.activity_types, names)
    one = len(definition.activity_types) == 1
    years, ages = _period(definition.first_year, definition.last_year), _period(definition.youngest, definition.oldest)
    danish = f"{'aktiviteten' if one else 'en af aktiviteterne'} {types} i {years}"
    english = f"{'the activity' if one else 'one of the activities'} {types} in {years}"
    if definition.unit == PERSON:
        return (
            f"Deltagere: personer på {ages} år, der begyndte på {danish}, uanset hvor de boede. De beskrives i det år, "
            "hvor de begyndte første gang.",
            f"Participants: persons aged {ages} who started {english}, wherever they lived, described in the year of "
            "their first start.",
        )
    return (
        f"Deltagere: familier med et barn på {ages} år, hvor en voksen begyndte på {danish}, uanset hvor de boede. "
        "De beskrives i det år, hvor familien begyndte første gang.",
        f"Participants: families with a child aged {ages} in which an adult started {english}, wherever they lived, "
        "described in the year of the family's first start.",
    )


def _comparison(definition: Definition, names: Mapping[str, str]) -> Text:
    year, ages = definition.comparison_year, _period(definition.youngest, definition.oldest)
    where_da, where_en = _areas(definition)
    started_da, started_en = _excluded(definition, names)
    if definition.unit == PERSON:
        return (
            f"Sammenligning: alle andre personer på {ages} år, som i {year} boede i {where_da}. De var {started_da}.",
            f"Comparison: all other persons aged {ages} who lived in {where_en} in {year} and had {started_en}.",
        )
    return (
        f"Sammenligning: alle andre familier med et barn på {ages} år, som i {year} boede i {where_da}. Ingen i "
        f"familien var {started_da.removeprefix('ikke ')}.",
        f"Comparison: all other families with a child aged {ages} that lived in {where_en} in {year} and in which "
        f"nobody had {started_en.removeprefix('not ')}.",
    )


def _areas(definition: Definition) -> Text:
    count = len(definition.chosen_departments)
    return {
        PLANS: ("de områder, der har indberettet deltagere", "the areas that reported participants"),
        DEPARTMENTS: ("de boligafdelinger, som deltagere boede i", "the departments in which participants lived"),
        CHOSEN: (
            "en boligafdeling, der er valgt" if count == 1 else f"{count} boligafdelinger, der er valgt",
            "a department that was chosen" if count == 1 else f"{count} departments that were chosen",
        ),
    }[definition.areas]


def _excluded(definition: Definition, names: Mapping[str, str]) -> Text:
    """What comparison units had not done."""
    years = definition.excluded_years
    period, last = _period(years[0], years[-1]), years[-1]
    when_da, when_en = {
        WINDOW: (f" i {period}", f" in {period}"),
        SINCE: (f" siden {years[0]}", f" since {years[0]}"),
        EVER: (f" på noget tidspunkt til og med {last}", f" at any time up to and including {last}"),
    }[definition.exclusion]
    if definition.excluded_types:
        types = _listed(definition.excluded_types, names)
        what_da = types if len(definition.excluded_types) == 1 else f"en af aktiviteterne {types}"
        what_en = types if len(definition.excluded_types) == 1 else f"one of the activities {types}"
    elif len(definition.activity_types) == 1:
        what_da, what_en = "aktiviteten", "the activity"
    else:
        what_da, what_en = "en af aktiviteterne", "one of the activities"
    return f"ikke begyndt på {what_da}{when_da}", f"not started {what_en}{when_en}"


# --- How they are described and compared -----------------------------------------------------------------


def _characteristics(definition: Definition, names: Mapping[str, str]) -> Text:
    """What a resident list gives apart from what needs other registers."""
    chosen = [each.name for each in definition.characteristics]
    labels = _labels(definition)
    listed = _joined([name for name in chosen if CATALOGUE[name].demographic], labels)
    further = _joined([name for name in chosen if not CATALOGUE[name].demographic], labels)
    told = [
        (f"Grupperne beskrives ved {listed[DANISH]}.", f"The groups are described by {listed[ENGLISH]}."),
        (
            f"Hvor andre registre er til rådighed, beskrives de også ved {further[DANISH]}.",
            f"Where other registers are at hand, they are described by {further[ENGLISH]} too.",
        ),
        _dwellings(definition),
    ]
    kept = [text for text, any_ in zip(told, (listed[0], further[0], told[2][0]), strict=True) if any_]
    return " ".join(text[DANISH] for text in kept), " ".join(text[ENGLISH] for text in kept)


def _dwellings(definition: Definition) -> Text:
    needed = {
        name for each in definition.characteristics for any_of in CATALOGUE[each.name].registers for name in any_of
    }
    if definition.dwellings is None or "BOLIG" not in needed:
        return "", ""
    residents, rooms = definition.dwellings.most_residents, definition.dwellings.most_rooms
    return (
        f"Boliger uden værelser eller areal, med over {residents} beboere eller over {rooms} værelser regnes ikke med.",
        f"Dwellings without rooms or area, with more than {residents} residents or {rooms} rooms are left out.",
    )


def _labels(definition: Definition) -> dict[str, Text]:
    """What the chosen characteristics are called inside a sentence, with their grouping."""
    return {each.name: (_label(each, DANISH), _label(each, ENGLISH)) for each in definition.characteristics}


def _label(chosen: Chosen, language: int) -> str:
    known = CATALOGUE[chosen.name]
    label = _lower(known.label[language])
    grouping = known.groupings[chosen.grouping].label[language] if chosen.grouping else ""
    return f"{label} ({_lower(grouping) if language == DANISH else grouping})" if grouping else label


def _matching(definition: Definition, names: Mapping[str, str]) -> Text:
    return matching_words(definition.matching, _labels(definition))


def matching_words(spec: MatchSpec, labels: Mapping[str, Text] | None = None) -> Text:
    """How is matched. `labels`: what variables are called, where they aren't called by their names."""
    if spec.method == NONE:
        return (
            "Der matches ikke: alle i sammenligningsgruppen er med.",
            "There is no matching: all of the comparison group are kept.",
        )
    on = _joined(spec.variables, labels or {})
    if spec.method in (EXACT, COARSENED):
        how = ("er helt ens", "are equal") if spec.method == EXACT else ("falder i samme interval", "fall together")
        return (
            f"Matchning: kun de, der {how[0]} på {on[0]}, er med. Sammenligningsgruppen vægtes, så den fordeler sig "
            "som deltagerne.",
            f"Matching: only those who {how[1]} on {on[1]} are kept. The comparison group is weighted to be spread as "
            "the participants.",
        )
    return _nearest(spec, on, _joined(spec.exact, labels or {}))


def _nearest(spec: MatchSpec, on: Text, equal: Text) -> Text:
    danish, english = "den nærmeste" if spec.ratio == 1 else f"de {spec.ratio} nærmeste", "the nearest one"
    if spec.ratio > 1:
        english = f"the {spec.ratio} nearest"
    by_da, by_en = (
        (
            f"sandsynligheden for at deltage, beregnet af {on[0]}",
            f"the probability of taking part, estimated from {on[1]}",
        )
        if spec.method == NEAREST
        else (f"Mahalanobis-afstanden i {on[0]}", f"the Mahalanobis distance of {on[1]}")
    )
    told_da = [f"Matchning: hver deltager får {danish} fra sammenligningsgruppen, målt ved {by_da}"]
    told_en = [f"Matching: each participant gets {english} of the comparison group by {by_en}"]
    if spec.exact:
        told_da.append(f"De skal være ens på {equal[0]}")
        told_en.append(f"They must be equal on {equal[1]}")
    if spec.caliper is not None:
        scale = ("sandsynligheden", "the probability")
        if spec.distance == LOGIT:
            scale = ("logit af sandsynligheden", "the logit of the probability")
        unit = (" standardafvigelser", " standard deviations") if spec.caliper_sd else ("", "")
        told_da.append(f"De må højst afvige {_number(spec.caliper, ',')}{unit[0]} i {scale[0]}")
        told_en.append(f"They may differ by at most {_number(spec.caliper, '.')}{unit[1]} in {scale[1]}")
    told_da.append("Den samme kan bruges flere gange" if spec.replacement else "Hver bruges højst én gang")
    told_en.append("One may be used more than once" if spec.replacement else "Each is used at most once")
    order = _ORDERS[spec.order]
    told_da.append(f"{order[DANISH]} vælger først" if spec.order in (LARGEST, SMALLEST) else order[DANISH])
    told_en.append(f"{order[ENGLISH]} choose first" if spec.order in (LARGEST, SMALLEST) else order[ENGLISH])
    return " ".join(f"{text}." for text in told_da), " ".join(f"{text}." for text in told_en)


_ORDERS: dict[str, Text] = {
    LARGEST: ("De med den største sandsynlighed", "Those with the largest probability"),
    SMALLEST: ("De med den mindste sandsynlighed", "Those with the smallest probability"),
    DATA: ("De vælger i den rækkefølge, som de står i data", "They choose in the order of the data"),
    RANDOM: ("De vælger i tilfældig rækkefølge", "They choose in random order"),
}


def _limits(definition: Definition, names: Mapping[str, str]) -> Text:
    return (
        f"Antal under {definition.minimum} vises ikke. Mindst {definition.k} rækker skal være ens.",
        f"Counts below {definition.minimum} are not shown. At least {definition.k} rows must be alike.",
    )


def _joined(names: Iterable[str], labels: Mapping[str, Text]) -> Text:
    found = [labels.get(name, (name, name)) for name in names]
    return "; ".join(text[DANISH] for text in found), "; ".join(text[ENGLISH] for text in found)


def _listed(codes: tuple[str, ...], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in codes)


def _lower(label: str) -> str:
    """As it stands inside a sentence."""
    return label[:1].lower() + label[1:]


def _period(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _number(value: float, point: str) -> str:
    return f"{value:g}".replace(".", point)
