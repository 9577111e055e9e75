"""The records of processing (article 30 of the General Data Protection Regulation) and the technical part of a
data-protection impact assessment (article 35), made from what the code says of itself: the classes of its fields and
how they are stored, permissions, variables, recipients and settings. Markdown, in Danish.
"""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import Field
from django.utils.timezone import localdate
from django.utils.translation import override

from accounts.permissions import PERMISSIONS, Permission, Role
from collection.models import Plan
from consent.models import Purpose
from crypto.fields import BlindIndexField, SealedField
from exports.actions.deliveries import KEPT
from exports.field_classes import FIELDS, SOURCES, YEAR_OF_BIRTH, FieldClass, class_of
from exports.forms.extracts import MOST_DAYS
from exports.linkage.schema import ON_APPROVAL, STANDARD
from exports.models import Delivery, EvaluationProject
from exports.recipients import READERS
from exports.wording import ARCHIVES
from rights.processing_risks import RISKS
from rights.processing_words import CLASSES, NOBODY, RESIDENTS, WORDS, tables
from rights.retention import LAST_NOTICE, NOTICE

MADE = "*Skrevet af `manage.py processing_records` ud fra koden; en test fejler, når de to er uenige.*"
# What each role may do that touches somebody's identity, or lets data leave.
SENSITIVE = {
    Permission.SEE_PARTICIPANTS: "se planens deltagere (navne, skjulte numre)",
    Permission.ENROL: "registrere deltagere med samtykke",
    Permission.READ_IDENTITY: "læse en identitet, med en grund",
    Permission.CORRECT: "rette og samle registreringer",
    Permission.IMPORT_ROWS: "indlæse regneark",
    Permission.WITHDRAW: "finde en person og registrere en tilbagetrækning",
    Permission.READ_PROOF: "læse et underskrevet samtykke",
    Permission.READ_LOCKED_PROOF: "læse et underskrevet samtykke, der er ophørt",
    Permission.ANSWER_REQUEST: "svare på anmodninger og danne rapporten om en person",
    Permission.LOOK_UP_PSEUDONYM: "slå et pseudonym op, med en grund",
    Permission.REQUEST_DELIVERY: "bestille en leverance",
    Permission.APPROVE_DELIVERY: "godkende en leverance, som en anden har bestilt",
    Permission.FETCH_DATA: "hente data uden identitet",
    Permission.FETCH_KEYS: "hente nøglefil og identifikationsliste",
    Permission.LOAD_REGISTER: "indlæse en beboerliste",
    Permission.SET_RETENTION: "sætte dagen for sletning",
    Permission.MANAGE_KEYS: "skifte nøgler",
    Permission.READ_AUDIT: "læse hele loggen",
}


def records(*, of_site: bool = False) -> str:
    """Article 30(1). `of_site`: with what this site holds: its purposes, plans and projects."""
    with override("da"):
        return "\n".join(_records(of_site)) + "\n"


def assessment() -> str:
    """Article 35(7)(a) and (d), as far as the system itself answers; the rest is the controller's to judge."""
    with override("da"):
        return "\n".join(_assessment()) + "\n"


# --- Article 30 ------------------------------------------------------------------------------------------------


def _records(of_site: bool) -> Iterator[str]:
    yield from ("# Fortegnelse over behandlingsaktiviteter", "", MADE, "")
    yield (
        "Databeskyttelsesforordningens artikel 30, stk. 1. Den dataansvarlige supplerer med sit navn, sine "
        "kontaktoplysninger, sin databeskyttelsesrådgivers og dem, der driver systemet (databehandlere)."
    )
    yield from ("", "## Formål", "")
    if of_site:
        yield from (*(f"- {purpose.name_da}" for purpose in Purpose.objects.order_by("pk")), "")
    yield (
        "Evaluering af boligsociale indsatser ud fra registerdata om dem, der har deltaget, og om beboere, de "
        "sammenlignes med. Grundlaget for at behandle deltagernes oplysninger er deres samtykke (artikel 6, stk. 1, "
        "litra a)."
    )
    yield from ("", "## Hvem og hvad", "")
    about = [(label, *tables()[label]) for label in _about_people()]
    yield from _table(
        ("Hvad", "Om hvem", "Oplysninger", "Slettes"),
        ((what, whom, _words_of(label), goes) for label, what, whom, goes in about),
    )
    yield ""
    yield (
        f"Dertil beboerlister om {RESIDENTS} fra registre: CPR-numre byttes ved indlæsningen til koder under listens "
        f"egen nøgle, og listen slettes på sin dag, højst {MOST_DAYS} dage efter. Underskrevne samtykker ligger "
        f"krypteret; er samtykket trukket tilbage, gemmes de låst i {settings.PROOF_KEEP_YEARS} år."
    )
    yield ""
    yield (
        "Registret har ingen felter til særlige kategorier af oplysninger (artikel 9). Samtykketekstens sprog kan sige "
        "noget om, hvor en familie kommer fra; det forlader aldrig systemet."
    )
    yield from ("", "## Modtagere", "")
    yield from _table(
        ("Leverance", "Modtager", "Indhold"),
        (
            (Delivery.Kind(kind).label, reader.label, ARCHIVES[(kind, reader)][1])
            for kind, readers in READERS.items()
            for reader in readers
        ),
    )
    yield ""
    yield (
        "Nøglefilen går videre til Danmarks Statistik ad dens egen kanal. Systemet overfører intet til tredjelande og "
        "kalder ingen tjenester uden for den dataansvarliges egen drift, undtagen den login-tjeneste, den selv vælger."
    )
    yield from ("", "## Sletning", "", *_retention(), "", "## Sikkerhed", "", *_security())
    if of_site:
        yield from ("", *_site())


def _retention() -> Iterator[str]:
    yield (
        f"- Helhedsplan: hvem deltagerne er, slettes {settings.RETENTION_YEARS} år efter planens slutning eller på den "
        f"dag, den dataansvarlige har sat med en grund. Der varsles {NOTICE.days} og {LAST_NOTICE.days} dage før."
    )
    yield (
        "- Evalueringsprojekt: nøgle og koder destrueres, når projektets dag er gået, og modtagerne har meldt data "
        "slettet."
    )
    yield (f"- Leverancers filer hos os: {KEPT.days} dage efter, at de er dannet. Modtagere sletter på projektets dag.")
    yield "- Hver sletning på sin dag giver en attest med antal, tidspunkt og kontrolsum, og står i loggen."
    yield "- Loggen bevares: den siger, hvem der har set hvad, med numre og koder og uden identiteter."


def _security() -> Iterator[str]:
    sealed = sum(isinstance(field, SealedField) for _, field in _fields())
    indexes = sum(isinstance(field, BlindIndexField) for _, field in _fields())
    yield (
        f"- {sealed} felter er krypteret, hvert med sin egen nøgle efter formål; {indexes} søgenøgler er beregnet med "
        "nøgle, så de ikke kan gættes uden den. Nøglerne ligger adskilt fra databasen."
    )
    yield (
        "- Login med to faktorer, bekræftelse igen før identiteter vises og filer hentes, udlogning efter "
        f"{settings.IDLE_MINUTES} minutter uden brug og {settings.SESSION_HOURS} timer i alt."
    )
    yield "- Adgang efter rolle, helhedsplan og projekt; ingen rolle kan hente både nøglefil og datafil."
    yield "- Hver læsning og ændring står i en kædet log, der vidnes uden for databasen hver time."
    yield "- Filer til modtagere er forseglet til deres egne bekræftede nøgler. Sikkerhedskopier er krypterede."


def _site() -> Iterator[str]:
    yield from ("## Dette system", "")
    yield f"- Helhedsplaner: {Plan.objects.count()}"
    for project in EvaluationProject.objects.order_by("name"):
        ends = f"{project.ends_on:%d.%m.%Y}" if project.ends_on else "ingen dag sat"
        state = "afsluttet" if project.ended_at else f"data slettes senest: {ends}"
        yield f"- Projekt {project.dst_number}, {project.name}: {state}"
    if not settings.SECOND_FACTOR:
        yield "- Dette system kræver **ikke** to faktorer ved login."
    yield f"- Fortegnelsen er skrevet den {localdate():%d.%m.%Y}."


# --- Article 35 ------------------------------------------------------------------------------------------------


def _assessment() -> Iterator[str]:
    yield from ("# Konsekvensanalyse: den tekniske del", "", MADE, "")
    yield (
        "Databeskyttelsesforordningens artikel 35, stk. 7. Her står, hvad systemet behandler, hvordan det er gemt, "
        "hvem der kan se det, hvad der forlader det, og hvad der er gjort mod risici. Om behandlingen er nødvendig og "
        "rimelig, og om den risiko, der er tilbage, kan accepteres, vurderer den dataansvarlige."
    )
    yield ""
    yield (
        "Dataenes vej er tegnet i [data-flow.md](data-flow.md); formål, modtagere og frister står i "
        "[records-of-processing.md](records-of-processing.md)."
    )
    yield ""
    yield from ("## Hvad der er gemt, og hvordan", "")
    yield from _table(
        ("Hvad", "Oplysning", "Felt", "Klasse", "Gemt som"),
        (
            (tables()[label][0], WORDS[name], f"`{label}.{name}`", CLASSES[FIELDS[label][name]], _stored(field))
            for (label, name), field in _fields()
            if FIELDS[label][name] in CLASSES
        ),
    )
    yield from ("", "## Hvem der kan hvad", "")
    roles = list(Role)
    yield from _table(
        ("Ret", *(str(role.label) for role in roles)),
        (
            (words, *("ja" if right in PERMISSIONS[role] else "" for role in roles))
            for right, words in SENSITIVE.items()
        ),
    )
    yield from ("", "## Hvad der kan forlade systemet i en datafil", "")
    yield from (
        "Kun variabler, som projektet er godkendt til. Grove er foreslået; fine skal vælges til.",
        "",
    )
    yield from _table(
        ("Variabel", "Dannes af", "Højeste klasse", "Hvornår"),
        ((f"`{name}`", _sources(name), _highest(name), _when(name)) for name in SOURCES),
    )
    smallest = EvaluationProject._meta.get_field("minimum_count").default
    k = EvaluationProject._meta.get_field("k").default
    yield ""
    yield (
        f"Ingen celle under {smallest} og ingen gruppe under {k} med samme kendetegn, hvis projektet ikke har andet "
        "godkendt (mindst 3). Navn, CPR-nummer og adresse er aldrig kilde til en variabel; kun fødselsåret tages ud."
    )
    yield ""
    yield from ("## Risici og modtræk", "")
    yield from _table(
        ("Hvad kan ske", "Hvad er gjort", "Hvor i koden", "Hvad er tilbage"),
        ((risk.threat, risk.measure, ", ".join(f"`{place}`" for place in risk.where), risk.left) for risk in RISKS),
    )


def _sources(name: str) -> str:
    of = {source: WORDS[source.rpartition(".")[2]] for source in SOURCES[name]}
    year = {source: "fødselsår" for source in of if class_of(source) is FieldClass.IDENTITY}
    return ", ".join(dict.fromkeys((of | year).values()))


def _highest(name: str) -> str:
    if name in YEAR_OF_BIRTH:
        return CLASSES[FieldClass.QUASI]
    found = {class_of(source) for source in SOURCES[name]}
    return CLASSES[FieldClass.QUASI if FieldClass.QUASI in found else FieldClass.CODE]


def _when(name: str) -> str:
    return "foreslået" if name in STANDARD else "kun efter særskilt godkendelse" if name in ON_APPROVAL else "aldrig"


# --- Parts -----------------------------------------------------------------------------------------------------


def _about_people() -> list[str]:
    """Models with fields that say something of a person, in the order of `tables`."""
    return [label for label, (_, whom, _) in tables().items() if whom != NOBODY]


def _fields() -> Iterator[tuple[tuple[str, str], Field]]:
    for label in _about_people():
        model = apps.get_model(label)
        for name in FIELDS[label]:
            yield (label, name), model._meta.get_field(name)  # type: ignore[misc]


def _words_of(label: str) -> str:
    return ", ".join(dict.fromkeys(WORDS[name] for name, found in FIELDS[label].items() if found in CLASSES))


def _stored(field: Field) -> str:
    if isinstance(field, SealedField):
        return "krypteret"
    if isinstance(field, BlindIndexField):
        return "søgenøgle"
    if field.get_internal_type() == "BinaryField":
        return "søgenøgle" if WORDS[field.name].startswith(("søgenøgle", "ny søgenøgle", "tidligere")) else "krypteret"
    return "i klar tekst"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
