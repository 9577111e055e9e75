"""Tables of rates: the same units summed by plan, type, activity or year, for pages, charts and files alike."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.pages import number, percent
from collection.models import Activity, ActivityType, Plan
from consent.masking import SMALLEST, Cell, Figure, Figures, Means, masked_cells, means_of, open_cells
from consent.rates import Key, Period, activity_rates, all_rates

PLAN, TYPE, ACTIVITY, EVERYTHING = "plan", "type", "activity", ""
HEADINGS = {
    PLAN: gettext_lazy("Helhedsplan"),
    TYPE: gettext_lazy("Aktivitetstype"),
    ACTIVITY: gettext_lazy("Aktivitet"),
}


class Step(NamedTuple):
    """A step of the funnel, and what share of the step before it is left."""

    label: str
    figure: Figure
    width: float  # of the widest step
    share: float | None
    note: str = ""


@dataclass
class Line:
    """A row of a table: a plan, a type, an activity or all of them, in a year or in all years."""

    key: Hashable
    name: str
    figures: Figures | None  # None: nothing ran
    plan: str = ""  # of an activity
    url: str = ""
    remedy: str = ""  # where its estimates are mended


@dataclass
class Sheet:
    """The units of some activities, and their names. `masked`: the reader has no access to the plans."""

    cells: Mapping[Key, Cell]
    means: Means
    masked: bool
    activities: Mapping[Hashable, tuple[str, Hashable, str]]  # name, plan, type; by name
    plans: Mapping[Hashable, str]
    types: Mapping[Hashable, str]
    _groups: dict[tuple[str, int | None], dict[Hashable, list[Cell]]] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """The years that have anything, the latest first."""
        return sorted({year for _, year in self.cells}, reverse=True)

    @property
    def estimated_years(self) -> list[int]:
        """From the first to the last year that has an estimate."""
        found = {year for (_, year), cell in self.cells.items() if cell.told.estimated}
        return list(range(min(found), max(found) + 1)) if found else []

    def lines(self, by: str, year: int | None = None) -> list[Line]:
        """A line for each plan, type or activity that has numbers; plans that have none are told too."""
        groups = self._grouped(by, year)
        return [
            Line(key, name, self._figures(groups[key]) if key in groups else None, plan)
            for key, name, plan in self._names(by)
            if key in groups or by == PLAN
        ]

    def total(self, year: int | None = None) -> Figures:
        return self._figures(self._grouped(EVERYTHING, year).get(EVERYTHING, []))

    def by_year(self, by: str) -> list[tuple[Line, dict[int, Figures]]]:
        """Each plan, type or activity that has an estimate in some year, with its figures in those years."""
        groups = {year: self._grouped(by, year) for year in self.estimated_years}
        found = []
        for key, name, plan in self._names(by):
            cells = {year: group[key] for year, group in groups.items() if key in group}
            if any(cell.told.estimated for of_year in cells.values() for cell in of_year):
                years = {year: self._figures(of_year) for year, of_year in cells.items()}
                found.append((Line(key, name, None, plan), years))
        return found

    def _names(self, by: str) -> Iterator[tuple[Hashable, str, str]]:
        if by == ACTIVITY:
            yield from ((key, name, self.plans[plan]) for key, (name, plan, _) in self.activities.items())
        else:
            yield from ((key, name, "") for key, name in (self.plans if by == PLAN else self.types).items())

    def _figures(self, cells: Sequence[Cell]) -> Figures:
        return Figures(cells, self.means)

    def _grouped(self, by: str, year: int | None) -> dict[Hashable, list[Cell]]:
        if (by, year) not in self._groups:
            groups: dict[Hashable, list[Cell]] = defaultdict(list)
            for (activity, of), cell in self.cells.items():
                if year is None or of == year:
                    _, plan, kind = self.activities[activity]
                    groups[{PLAN: plan, TYPE: kind, ACTIVITY: activity}.get(by, EVERYTHING)].append(cell)
            self._groups[by, year] = dict(groups)
        return self._groups[by, year]


def sheet(plans: QuerySet[Plan], *, masked: bool, only: Plan | None = None) -> Sheet:
    """The sheet of `plans`, or of `only` one of them.

    `masked`: `plans` are all there are; what is hidden stands for the mean over them.
    """
    activities = Activity.objects.filter(plan__in=plans.order_by())
    rows = activities.order_by("name", "pk").values_list("pk", "start", "end", "plan__end", "name", "plan", "type")
    found = list(rows)
    rates = all_rates() if masked else activity_rates(activities, [Period(*row[:4]) for row in found])
    listed: dict[Any, Any] = {pk: about for pk, _, _, _, *about in found if only is None or about[1] == only.pk}
    shown = {key: rate for key, rate in rates.items() if key[0] in listed}
    return Sheet(
        cells=masked_cells(shown) if masked else open_cells(shown),
        means=means_of(rates.values() if masked else ()),
        masked=masked,
        activities=listed,
        plans={only.pk: only.name} if only else dict(plans.order_by("name", "pk").values_list("pk", "name")),
        types={kind.pk: str(kind) for kind in ActivityType.objects.all()},
    )


def funnel(figures: Figures) -> list[Step]:
    """Estimated, asked, consented, linkable. Definitions: consent.rates."""
    complete = figures.estimate if figures.estimate and not figures.lacking else None
    whole = max(figures.estimate.value if figures.estimate else 0, figures.asked.value) or 1.0
    steps: Sequence[tuple[str, Figure | None, Figure | None, str]] = (
        (_("Deltagere i alt (skøn)"), figures.estimate, None, ""),
        (_("Spurgt"), figures.asked, complete, _("af skønnet")),
        (_("Samtykke gælder i dag"), figures.consented, figures.asked, _("af de spurgte")),
        (_("Kan kobles"), figures.linkable, figures.consented, _("af dem med samtykke")),
    )
    return [
        Step(label, figure, figure.value / whole, _share(figure, before), note)
        for label, figure, before, note in steps
        if figure is not None
    ]


def _share(figure: Figure, before: Figure | None) -> float | None:
    if before is None or not before.value or figure.under or before.under:
        return None
    return min(figure.value / before.value, 1.0)


# --- For files and text ---------------------------------------------------------------------------------


def told(figure: Figure) -> int:
    """A figure as a whole number; one worked out from hidden counts is rounded, and never below the least told."""
    if figure.about:
        return max(SMALLEST, SMALLEST * floor(figure.value / SMALLEST + 0.5))
    return int(figure.value)


def under() -> str:
    return _("under %(least)s") % {"least": SMALLEST}


def figure_text(figure: Figure, *, share: bool = False) -> str:
    """A figure as people read it: "1.234", "ca. 45", "under 5"; or, as a share, "43 %"."""
    if figure.under:
        return under()
    text = percent(figure.value) if share else number(told(figure))
    return _("ca. %(number)s") % {"number": text} if figure.about else text


def file_headings() -> list[str]:
    return [
        _("År"),
        _("Andel med samtykke i procent"),
        _("Deltagere i alt (skøn)"),
        _("Spurgt"),
        _("Samtykke gælder i dag"),
        _("Kan kobles"),
        _("Kan måske kobles"),
        _("Trukket tilbage"),
        _("Udløbet"),
        _("Sagde nej"),
        _("Ikke spurgt"),
        _("Ikke truffet"),
        _("Skøn, der mangler"),
        _("Gamle skøn"),
        _("For lave skøn"),
    ]


def file_row(year: int | str, figures: Figures) -> list[Any]:
    """The cells below `file_headings`: plain numbers, "under 5", and nothing where nobody knows."""
    share = figures.share
    counts = [
        figures.estimate,
        figures.asked,
        figures.consented,
        figures.linkable,
        figures.named,
        figures.withdrawn,
        figures.lapsed,
        figures.refused,
        figures.not_asked,
        figures.not_reached,
    ]
    return [
        year,
        "" if share is None or share.under else f"{share.value * 100:.1f}".replace(".", ","),
        *("" if count is None else under() if count.under else told(count) for count in counts),
        figures.lacking,
        figures.old,
        figures.over,
    ]
