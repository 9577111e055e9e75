"""The definition of a comparison group."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.models import ActivityType, Department
from collection.municipalities import MUNICIPALITIES
from exports import wording
from exports.comparison.departments import department_code
from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import (
    CHOSEN,
    DEPARTMENTS,
    EVER,
    FAMILY,
    LEAST,
    MOST,
    OLDEST,
    PERSON,
    PLANS,
    SINCE,
    WINDOW,
    Definition,
    DefinitionInvalid,
    from_json,
    to_json,
)
from exports.comparison.runner.matching.spec import (
    COARSENED,
    DATA,
    EXACT,
    LARGEST,
    LOGIT,
    MAHALANOBIS,
    NEAREST,
    NONE,
    PROBABILITY,
    RANDOM,
    SMALLEST,
)
from exports.comparison.runner.matching.spec_json import MOST_FOR_EACH, WIDEST
from exports.forms.comparison_layout import laid_out
from exports.forms.comparison_rule import (
    ASKED_WHEN,
    COARSE_ONLY,
    CUT,
    DEVIATIONS,
    ELSEWHERE,
    GROUPED,
    LISTED,
    OTHERS,
    OWN_SCALE,
    SAME,
    cut_field,
    example,
    fields_of,
    group_field,
    is_asked,
    json_of,
    place_of_problem,
)
from exports.forms.parts import NumberList, YearField, checkboxes, radios, searchable, whole_number
from exports.models import EvaluationProject, RegisterExtract


class ComparisonForm(forms.Form):
    """A Definition and the list to draw it from. After validation `definition` is set when the rule itself holds."""

    unit = radios(
        (FAMILY, gettext_lazy("Familier")),
        (PERSON, gettext_lazy("Personer")),
        label=gettext_lazy("Hvad er én række?"),
        hints={
            FAMILY: gettext_lazy("E-familier, hvor mindst ét barn har alderen nedenfor."),
            PERSON: gettext_lazy("Alle, der selv har alderen nedenfor."),
        },
    )
    youngest = whole_number(0, OLDEST, label=gettext_lazy("Fra alder"))
    oldest = whole_number(0, OLDEST, label=gettext_lazy("Til og med alder"))
    activity_types = checkboxes(
        label=gettext_lazy("Aktivitetstyper"),
        help_text=gettext_lazy("Deltagere er dem, der begyndte på en af dem."),
    )
    first_year = YearField(label=gettext_lazy("Fra og med år"))
    last_year = YearField(label=gettext_lazy("Til og med år"))
    comparison_year = YearField(
        label=gettext_lazy("Sammenligningsår"),
        help_text=gettext_lazy("Dem, der boede i områderne dette år. De beskrives i samme år."),
    )
    areas = radios(
        (PLANS, gettext_lazy("I de områder, der har indberettet deltagere")),
        (DEPARTMENTS, gettext_lazy("I de boligafdelinger, som deltagere boede i")),
        (CHOSEN, gettext_lazy("I boligafdelinger, som jeg vælger")),
        label=gettext_lazy("Hvor boede de?"),
        hints={PLANS: gettext_lazy("Alle boligafdelinger i de helhedsplaner, som deltagere kom fra.")},
    )
    chosen_departments = searchable(
        label=gettext_lazy("Boligafdelinger"),
        required=False,
        search=gettext_lazy("Søg efter kommune, navn eller nummer"),
    )
    exclusion = radios(
        (WINDOW, gettext_lazy("Dem, der begyndte i bestemte år")),
        (SINCE, gettext_lazy("Dem, der er begyndt siden et bestemt år")),
        (EVER, gettext_lazy("Dem, der nogensinde er begyndt")),
        label=gettext_lazy("Hvem kan ikke være i sammenligningsgruppen?"),
    )
    window_from = YearField(
        label=gettext_lazy("Fra og med år"), required=False, help_text=gettext_lazy("Tomt: det første deltagerår.")
    )
    window_to = YearField(
        label=gettext_lazy("Til og med år"), required=False, help_text=gettext_lazy("Tomt: det sidste deltagerår.")
    )
    excluded_since = YearField(label=gettext_lazy("Siden år"), required=False)
    excluding = radios(
        (SAME, gettext_lazy("De aktivitetstyper, der er valgt ovenfor")),
        (OTHERS, gettext_lazy("Andre aktivitetstyper")),
        label=gettext_lazy("Hvilke aktiviteter udelukker?"),
    )
    excluded_types = checkboxes(label=gettext_lazy("Aktivitetstyper, der udelukker"), required=False)
    characteristics = checkboxes(label=gettext_lazy("Fra beboerlisten"), required=False)
    register_characteristics = checkboxes(
        label=gettext_lazy("Fra andre registre"),
        required=False,
        help_text=gettext_lazy(
            "De er ikke på beboerlisten og kommer ikke med i filen herfra. Definitionspakken danner dem dér, hvor "
            "registrene er."
        ),
    )
    leave_out = forms.BooleanField(label=gettext_lazy("Regn ikke usædvanlige boliger med"), required=False)
    most_residents = whole_number(1, 1000, label=gettext_lazy("Højst beboere i boligen"), required=False)
    most_rooms = whole_number(1, 1000, label=gettext_lazy("Højst værelser i boligen"), required=False)
    method = radios(
        (NONE, gettext_lazy("Ingen matchning")),
        (EXACT, gettext_lazy("Helt ens")),
        (COARSENED, gettext_lazy("Ens i intervaller")),
        (NEAREST, gettext_lazy("Nærmeste sandsynlighed for at deltage")),
        (MAHALANOBIS, gettext_lazy("Mahalanobis-afstand")),
        label=gettext_lazy("Metode"),
        hints={
            NONE: gettext_lazy("Alle i sammenligningsgruppen er med, som i evalueringen."),
            EXACT: gettext_lazy("Samme værdi af hvert valgt kendetegn. Resten vægtes."),
            COARSENED: gettext_lazy("Som helt ens, men tal inddeles først (coarsened exact matching)."),
            NEAREST: gettext_lazy("Propensity score matching."),
            MAHALANOBIS: gettext_lazy("De, der ligner mest, målt over alle valgte kendetegn på én gang."),
        },
    )
    match_on = checkboxes(
        label=gettext_lazy("Match på"),
        required=False,
        help_text=gettext_lazy("De skal også være valgt til at beskrive grupperne."),
    )
    ratio = whole_number(1, MOST_FOR_EACH, label=gettext_lazy("Antal til hver deltager"), required=False)
    replacement = forms.BooleanField(label=gettext_lazy("Den samme må bruges flere gange"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("Hvem vælger først?"),
        required=False,
        choices=[
            (LARGEST, gettext_lazy("Størst sandsynlighed")),
            (SMALLEST, gettext_lazy("Mindst sandsynlighed")),
            (DATA, gettext_lazy("Rækkefølgen i data")),
            (RANDOM, gettext_lazy("Tilfældig rækkefølge")),
        ],
    )
    seed = whole_number(0, 2**31 - 1, label=gettext_lazy("Tal til lodtrækningen"), required=False)
    equal_on = checkboxes(label=gettext_lazy("Skal være helt ens på"), required=False)
    caliper = forms.FloatField(
        label=gettext_lazy("Største afstand"),
        required=False,
        localize=True,
        max_value=WIDEST,
        help_text=gettext_lazy("Tomt: enhver afstand."),
    )
    caliper_unit = forms.ChoiceField(
        label=gettext_lazy("Målt i"),
        required=False,
        choices=[(DEVIATIONS, gettext_lazy("standardafvigelser")), (OWN_SCALE, gettext_lazy("skalaens egne tal"))],
    )
    distance = forms.ChoiceField(
        label=gettext_lazy("Skala"),
        required=False,
        choices=[(LOGIT, gettext_lazy("logit")), (PROBABILITY, gettext_lazy("sandsynlighed"))],
    )
    minimum = whole_number(LEAST, MOST, label=gettext_lazy("Mindste antal i en celle"))
    k = whole_number(LEAST, MOST, label=gettext_lazy("Mindste gruppe (k)"))
    extract = forms.ChoiceField(
        label=gettext_lazy("Beboerliste"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Listen skal dække sammenligningsåret og helst også deltagerårene."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        project: EvaluationProject,
        extracts: list[RegisterExtract],
        words: str,
        cancel: str,
        order: str = "",
        package: str = "",
        proposed: Definition | None = None,
    ):
        """`extracts`: lists that are ready; `words`, `order`, `package`: the addresses that answer with the rule in
        words, take the order, and answer with a definition package; `proposed`: what the empty form shows, else the
        evaluation's own rule."""
        self.types = {type_.code: str(type_) for type_ in ActivityType.objects.all()}
        initial = fields_of(proposed or example(WINDOW, project))
        initial["activity_types"] = [code for code in initial["activity_types"] if code in self.types]
        initial["extract"] = str(extracts[0].pk) if len(extracts) == 1 else None
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.project, self.words, self.package = project, words, package
        self.extracts = {str(extract.pk): extract for extract in extracts}
        self.definition: Definition | None = None
        self.missing_years = ""  # years of participants that the list doesn't cover: said, not refused
        self._add_of_characteristics()
        self._offer()
        for name in ("first_year", "last_year"):
            self.fields[name].help_text = _("I projektet: %(years)s") % {
                "years": wording.period(project.first_year, project.last_year)
            }
        for name, least in (("minimum", project.minimum_count), ("k", project.k)):
            self.fields[name].help_text = _("Projektets: %(least)s. Kan hæves.") % {"least": least}
        self.helper = laid_out(order=order if extracts else "", package=package, cancel=cancel)

    def _add_of_characteristics(self) -> None:
        """A field for each way of grouping and cutting."""
        for name, known in GROUPED.items():
            ways = [("", _("Som de er")), *((way, wording.in_language(g.label)) for way, g in known.groupings.items())]
            label = _("Gruppering: %(name)s") % {"name": wording.in_language(known.label)}
            self.fields[group_field(name)] = forms.ChoiceField(label=label, choices=ways, required=False)
        for name, known in CUT.items():
            self.fields[cut_field(name)] = NumberList(
                label=_("Skæringspunkter: %(name)s") % {"name": wording.in_language(known.label)},
                help_text=_("Tal, der stiger, med semikolon imellem, for eksempel 1; 3. Tomt: Sturges' regel."),
                required=False,
            )

    def _offer(self) -> None:
        """The choices that depend on what the site knows."""
        labels = {name: wording.in_language(known.label) for name, known in CATALOGUE.items()}
        choices: dict[str, Iterable[tuple[str, str]]] = {
            "activity_types": self.types.items(),
            "excluded_types": self.types.items(),
            "chosen_departments": department_choices(),
            "characteristics": [(name, labels[name]) for name in LISTED],
            "register_characteristics": [(name, labels[name]) for name in ELSEWHERE],
            "match_on": [(name, labels[name]) for name in LISTED],
            "equal_on": [(name, labels[name]) for name in LISTED],
            "extract": [(key, each.name) for key, each in self.extracts.items()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = list(offered)  # type: ignore[attr-defined]
        for name in ("characteristics", "register_characteristics", "match_on", "equal_on"):
            self.fields[name].widget.option_hints = {  # type: ignore[attr-defined]
                key: _hint(key, columns=name == "characteristics")
                for key, label in self.fields[name].choices  # type: ignore[attr-defined]
            }
        self.fields["extract"].widget.option_hints = {  # type: ignore[attr-defined]
            key: _("Dækker %(years)s") % {"years": wording.year_list(each.years)} for key, each in self.extracts.items()
        }

    # --- What was typed ---------------------------------------------------------------------------------

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        for name in ASKED_WHEN:
            if not is_asked(name, data):
                self.errors.pop(name, None)  # the field is not shown then
                data[name] = None
        self._check_needed(data)
        first, last = self.project.first_year, self.project.last_year
        for name in ("first_year", "last_year"):
            if data.get(name) and not first <= data[name] <= last:
                self.add_error(name, _("Projektet er godkendt for %(years)s.") % {"years": wording.period(first, last)})
        for name, least in (("minimum", self.project.minimum_count), ("k", self.project.k)):
            if data.get(name) and data[name] < least:
                self.add_error(name, _("Projektet kræver mindst %(least)s.") % {"least": least})
        if self.errors.keys() <= {"extract"}:
            self._define(data)
        extract = self.extracts.get(data.get("extract", ""))
        if self.definition and extract:
            missing = set(self.definition.years) - set(extract.years)
            if self.definition.comparison_year in missing:
                self.add_error("extract", _("Listen dækker ikke sammenligningsåret."))
            self.missing_years = wording.year_list(missing & set(self.definition.participant_years))
        return data

    def _check_needed(self, data: dict) -> None:
        """Fields that are needed once they are asked for."""
        if is_asked("excluded_types", data) and not data.get("excluded_types"):
            self.add_error("excluded_types", _("Vælg mindst én aktivitetstype."))
        needed = {"excluded_since": _("Skriv årstallet."), "ratio": _("Skriv et tal."), "seed": _("Skriv et tal.")}
        if data.get("leave_out"):
            needed |= dict.fromkeys(("most_residents", "most_rooms"), _("Skriv et tal."))
        for name, text in needed.items():
            if is_asked(name, data) and data.get(name) is None and name not in self.errors:
                self.add_error(name, text)

    def _define(self, data: dict) -> None:
        try:
            self.definition = from_json(json_of(data), known_types=self.types)
        except DefinitionInvalid as error:
            for name, text in error.problems.items():
                self.add_error(place_of_problem(name, data), wording.in_language(text))

    @property
    def chosen(self) -> dict[str, Any]:
        """What a delivery keeps as its definition."""
        assert self.definition is not None
        return {"definition": to_json(self.definition), "extract": self.cleaned_data["extract"]}


def _hint(name: str, *, columns: bool) -> str:
    """What is to be known of a characteristic before it is chosen."""
    known = CATALOGUE[name]
    parts = [_("Om den enkelte person.")] if known.level == PERSON else []
    parts += [_("I bånd.")] if name in COARSE_ONLY else []
    if columns and known.columns:
        parts.append(_("Listen skal have %(columns)s.") % {"columns": ", ".join(known.columns)})
    return " ".join(parts)


def department_choices() -> list[tuple[str, str]]:
    """Code and name of every department, those of a municipality together."""
    found: dict[str, tuple[str, str]] = {}
    for each in Department.objects.select_related("plan"):  # in the order of the numbers
        code = department_code(each.organisation_number, each.department_number)
        known = MUNICIPALITIES.get(each.plan.municipality_code)
        found[code] = (known.name if known else "", each.name)
    placed = sorted(found.items(), key=lambda item: item[1][0])
    return [(code, f"{place}: {name} ({code})".removeprefix(": ")) for code, (place, name) in placed]
