"""How each characteristic is formed, in words, for codebooks. The code is in sql/, the lists of codes in rules.py."""

from .rules import POVERTY_LINES, YEARS_BACK
from .texts import Text

_BACK: Text = (
    f"i de {YEARS_BACK} år til og med 31. december i referenceåret",
    f"in the {YEARS_BACK} years up to and including 31 December of the reference year",
)
_PARENTS: Text = (
    "De voksne i E-familien regnes for forældre.",
    "The adults of the E-family are taken for the parents.",
)
_ORIGIN: Text = (
    "Dansk: IE_TYPE 1. Ellers efter oprindelseslandet: vestlig er EU-28, Grønland, Andorra, Island, Liechtenstein, "
    "Monaco, Norge, San Marino, Schweiz, Vatikanstaten, Canada, USA, Australien og New Zealand. Uoplyst, hvor "
    "herkomst eller land er det.",
    "Danish: IE_TYPE 1. Else by the country of origin: Western are EU-28, Greenland, Andorra, Iceland, Liechtenstein, "
    "Monaco, Norway, San Marino, Switzerland, Vatican, Canada, USA, Australia and New Zealand. Not known where origin "
    "or country isn't.",
)
_EDUCATION: Text = (
    "Kompetencegivende: erhvervsuddannelse eller videregående (DISCED-15, hovedområde 30-80). Indvandreres medbragte "
    "uddannelse regnes for uoplyst.",
    "Qualifying: vocational or higher (DISCED-15, main areas 30-80). What immigrants brought with them counts as not "
    "known.",
)
_WORK: Text = (
    "I beskæftigelse: primær status 110-199 ultimo november (RAS), eller hvor den mangler, årets væsentligste "
    "indkomstkilde (AKM).",
    "In employment: main status 110-199 at the end of November (RAS), or where that is missing the year's main source "
    "of income (AKM).",
)
_CARE: Text = (
    "Indskrevet i dagtilbud i referenceåret (DAGI til 2014, derefter BOERNFB). En legestue alene tæller ikke.",
    "Enrolled in day care in the reference year (DAGI until 2014, BOERNFB after). A playroom alone doesn't count.",
)
_MEASURE: Text = (
    "En forebyggende foranstaltning (BUFO), der varede på et tidspunkt i referenceåret.",
    "A preventive measure (BUFO) that lasted at some time of the reference year.",
)


def _diagnosed(codes: str) -> Text:
    return (
        f"En diagnose (ICD-10: {codes}) ved en kontakt, der begyndte {_BACK[0]}.",
        f"A diagnosis (ICD-10: {codes}) at a contact that began {_BACK[1]}.",
    )


def _joined(*texts: Text) -> Text:
    return " ".join(text[0] for text in texts), " ".join(text[1] for text in texts)


_TREATED: Text = (
    f"Begyndt i behandling for stofmisbrug (SIB) {_BACK[0]}. Substitutionsbehandling alene tæller ikke.",
    f"Began treatment for drug misuse (SIB) {_BACK[1]}. Substitution treatment alone doesn't count.",
)
# Of one person; of a family, where at least one parent has it.
_HAPPENED: dict[str, Text] = {
    "mental_illness": _diagnosed(
        "F20-F29, F30-F39, F40-F41, F42, F43, F50, F60-F62, F90-F92, F98.8C; ikke autisme, udviklingshæmning, demens"
    ),
    "misuse": (
        "Misbrug af opioider, andre hårde stoffer, hash, medicin og andet eller alkohol, som de er dannet hver for "
        "sig, eller behandling for stofmisbrug.",
        "Misuse of opioids, other hard drugs, cannabis, medicines and others, or alcohol, as each is formed by itself, "
        "or treatment for drug misuse.",
    ),
    "misuse_opioids": _diagnosed("F11.1-F11.4, F11.9, T40.1, T40.3"),
    "misuse_hard_drugs": _diagnosed("F14.1-F14.3, F14.9, F15.1-F15.3, F15.9, F16.1-F16.2, F16.9, F19.1-F19.4, F19.9"),
    "misuse_cannabis": _diagnosed("F12.1-F12.2, F12.9"),
    "misuse_medicines": _diagnosed("F13.1-F13.4, F13.9, F18.1-F18.2, F18.9"),
    "misuse_alcohol": _joined(
        _diagnosed("F10.1-F10.9"),
        (f"Eller begyndt i alkoholbehandling (NAB) {_BACK[0]}.", f"Or began alcohol treatment (NAB) {_BACK[1]}."),
    ),
    "drug_treatment": _TREATED,
    "conviction": (
        f"Dømt til ubetinget eller betinget fængsel {_BACK[0]} efter straffeloven, lov om euforiserende stoffer eller "
        "våbenloven. Bøder og færdselsloven tæller ikke.",
        f"Sentenced to prison, unsuspended or suspended, {_BACK[1]} under the penal code or the laws on drugs or "
        "weapons. No fines, no traffic law.",
    ),
}
_NO_ROW: Text = ("Nej, hvor registret ingen række har.", "No where the register has no row.")
_ANY_PARENT: Text = ("Ja, hvis det gælder mindst én forælder.", "Yes if it holds for at least one parent.")

FORMED: dict[str, Text] = {
    "origin": _joined(
        (
            "Dansk, hvis mindst én forælder er af dansk herkomst; ellers ikke-vestlig, hvis mindst én er ikke-vestlig; "
            "ellers vestlig, hvis alle kendte forældre er vestlige.",
            "Danish if at least one parent is of Danish origin; else non-Western if at least one is non-Western; else "
            "Western if all known parents are.",
        ),
        _PARENTS,
        _ORIGIN,
    ),
    "family_type": (
        "Antal voksne i E-familien 31. december: én eller to.",
        "Number of adults of the E-family on 31 December: one or two.",
    ),
    "children_group": (
        "Hjemmeboende børn under 25 år i E-familien 31. december, tre og flere samlet.",
        "Children under 25 at home in the E-family on 31 December, three and more joined.",
    ),
    "children": (
        "Hjemmeboende børn under 25 år i E-familien 31. december.",
        "Children under 25 at home in the E-family on 31 December.",
    ),
    "education": _joined(
        (
            "Den højeste fuldførte uddannelse, der kendes hos en af forældrene.",
            "The highest completed education that is known of a parent.",
        ),
        _EDUCATION,
    ),
    "employment": _joined(
        (
            "Hvor mange af forældrene der er i beskæftigelse. Uoplyst, hvor det afhænger af en forælder, der er "
            "uoplyst.",
            "How many of the parents are in employment. Not known where it depends on a parent who isn't known.",
        ),
        _WORK,
    ),
    **{
        f"poverty_{line}": (
            f"Familiens disponible indkomst (DISPON_13) er under {line} % af medianen af alle personers, begge delt "
            "med OECD's modificerede skala: første voksne 1, andre over 14 år 0,5, børn til og med 14 år 0,3. Uoplyst, "
            "hvor ingens indkomst kendes.",
            f"Disposable income of the family (DISPON_13) is under {line} % of the median of all persons, both divided "
            "by the OECD modified scale: first adult 1, others over 14 0.5, children up to 14 0.3. Not known where "
            "nobody's income is.",
        )
        for line in POVERTY_LINES
    },
    **{name: _joined(_ANY_PARENT, text, _NO_ROW) for name, text in _HAPPENED.items()},
    "preventive_measure": _joined(("Ja, hvis det gælder mindst ét barn.", "Yes if it holds for at least one child."),
                                  _MEASURE, _NO_ROW),
    "m2_per_resident": (
        "Boligens beboelsesareal delt med dens beboere. Uoplyst for boliger, som reglen lader ude.",
        "The area for living of the dwelling divided by its residents. Not known of dwellings that the rule leaves "
        "out.",
    ),
    "day_care_1_2": _joined(("Hvor mange af familiens børn på 1-2 år.", "How many of the family's children aged 1-2."),
                            _CARE),
    "day_care_3_5": _joined(("Hvor mange af familiens børn på 3-5 år.", "How many of the family's children aged 3-5."),
                            _CARE),
    "sex": ("KOEN: 1 mand, 2 kvinde.", "KOEN: 1 male, 2 female."),
    "age": ("Fyldte år 31. december i referenceåret.", "Completed years on 31 December of the reference year."),
    "person_origin": _ORIGIN,
    "person_education": _joined(("Den højeste fuldførte uddannelse.", "The highest completed education."), _EDUCATION),
    "person_employed": _WORK,
    **{f"person_{name}": _joined(text, _NO_ROW) for name, text in _HAPPENED.items()},
    "person_preventive_measure": _joined(("Kun for børn.", "Of children only."), _MEASURE, _NO_ROW),
    "person_day_care": _joined(("Kun for børn på 1-5 år.", "Of children aged 1-5 only."), _CARE),
}  # fmt: skip
