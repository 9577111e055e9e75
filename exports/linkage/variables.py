"""The catalogue: every variable that a data file can have. What of it leaves is for a project's approval to say."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from collection.municipalities import MUNICIPALITIES, REGIONS
from exports.linkage.codes import (
    AGE_BANDS,
    DURATIONS,
    IDENTIFICATIONS,
    METHODS,
    MONTHS,
    ROLES,
    THEMES,
)
from exports.linkage.schema import (
    COUNT,
    OLDEST,
    PSEUDONYM,
    RUNNING_NUMBER,
    Kind,
    Klass,
    TypeOfActivity,
    ValueSet,
    Variable,
    coded,
)


def catalogue(
    types: Iterable[TypeOfActivity],
    plans: Mapping[str, str],
    first_year: int,
    last_year: int,
    versions: ValueSet = MappingProxyType({}),
) -> dict[str, Variable]:
    """Every variable that a data file can have now, by name and in the order of the file.

    `types`: all activity types; `plans`: LBF number -> name of the plan; the years bound START_AAR; `versions`: the
    published versions of the purpose's consent texts, by codes.version_code.
    """
    years = range(first_year, last_year + 1)
    integer, quasi, code = Kind.INTEGER, Klass.QUASI, Klass.CODE
    variables = [
        PSEUDONYM,
        RUNNING_NUMBER,
        COUNT,
        Variable(
            "REGION",
            "Region, som helhedsplanen ligger i",
            "Region of the plan",
            integer,
            quasi,
            "Helhedsplanens kommune; Danmarks Statistik, Regioner, landsdele og kommuner",
            {int(region): names for region, names in REGIONS.items()},
            period="Som registreret, da data blev opgjort",
        ),
        Variable(
            "KOMMUNE",
            "Kommune, som helhedsplanen ligger i",
            "Municipality of the plan",
            integer,
            quasi,
            "Helhedsplanens kommune (KOM)",
            {int(item.code): (item.name, item.name) for item in MUNICIPALITIES.values()},
            period="Som registreret, da data blev opgjort",
        ),
        Variable(
            "PLAN_NR",
            "Helhedsplanens LBF-nummer",
            "Number of the plan with LBF",
            Kind.TEXT,
            quasi,
            "Helhedsplan",
            {number: (name, name) for number, name in sorted(plans.items())},
            period="Som registreret, da data blev opgjort",
        ),
        Variable(
            "START_AAR",
            "År, hvor forløbet begyndte",
            "Year in which the participation began",
            integer,
            quasi,
            "Forløbets startdato",
            {year: (str(year), str(year)) for year in years},
            period="Den dag, forløbet begyndte",
        ),
        Variable(
            "START_MAANED",
            "Måned, hvor forløbet begyndte (mangler, hvis kun året kendes)",
            "Month in which the participation began (missing when only the year is known)",
            integer,
            quasi,
            "Forløbets startdato",
            dict(enumerate(MONTHS, start=1)),
            period="Den dag, forløbet begyndte",
        ),
        Variable(
            "VARIGHED",
            "Forløbets varighed (mangler, hvis starten kendes for dårligt)",
            "Duration of the participation (missing when the start is known too roughly)",
            integer,
            quasi,
            "Forløbets start- og slutdato, i hele måneder",
            coded(DURATIONS),
            period="Fra forløbet begyndte, til det sluttede",
        ),
        Variable(
            "ALDERSGRP",
            "Aldersgruppe ved udgangen af startåret",
            "Age band at the end of the year of start",
            integer,
            quasi,
            "Fødselsår og forløbets startår",
            coded(AGE_BANDS),
            period="31. december i startåret",
        ),
        Variable(
            "FOEDSELSAAR",
            "Fødselsår",
            "Year of birth",
            integer,
            quasi,
            "CPR-nummeret, eller fødselsdatoen for personer uden",
            bounds=(first_year - OLDEST, last_year),
            period="Fast",
        ),
        Variable(
            "AKT_TYPE",
            "Aktivitetens type",
            "Type of the activity",
            integer,
            code,
            "Aktivitet",
            {item.number: (item.name_da, item.name_en) for item in sorted(types, key=lambda item: item.number)},
            period="Hele forløbet",
        ),
        Variable(
            "AKT_TEMA",
            "Aktivitetens tema",
            "Theme of the activity",
            integer,
            code,
            "Aktivitetstype",
            coded(THEMES),
            period="Hele forløbet",
        ),
        Variable(
            "ROLLE",
            "Personens rolle i familien",
            "The person's role in the family",
            integer,
            quasi,
            "Forløb",
            coded(ROLES),
            period="Hele forløbet",
        ),
        Variable(
            "SAMTYKKE_MAADE",
            "Hvordan samtykket blev givet",
            "How consent was given",
            integer,
            code,
            "Den afgørelse om samtykke, som udleveringen bygger på",
            coded(METHODS),
            period="Den dag, samtykket blev givet",
        ),
        Variable(
            "SAMTYKKE_UDG",
            "Den samtykketekst, som samtykket blev givet til",
            "The consent text that was consented to",
            integer,
            code,
            "Den afgørelse om samtykke, som udleveringen bygger på",
            versions,
            period="Den dag, samtykket blev givet",
        ),
        Variable(
            "IDENT_ART",
            "Hvad personen er identificeret ved over for Danmarks Statistik",
            "What identifies the person to Statistics Denmark",
            integer,
            code,
            "Deltager",
            coded(IDENTIFICATIONS),
            period="Da filen blev skrevet",
        ),
    ]
    return {variable.name: variable for variable in variables}
