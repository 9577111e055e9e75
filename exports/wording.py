"""What the pages say: states, steps, failures and reports in plain words, and how a resident list must look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.templatetags.pages import number
from exports.linkage.codebook import SECONDARY, masked
from exports.linkage.lint import RULES, Finding
from exports.linkage.manifest import LEFT_OUT
from exports.linkage.schema import ALWAYS, ON_APPROVAL, Klass, Variable
from exports.linkage.variables import catalogue
from exports.models import Delivery, EvaluationProject, Job, Reader, RegisterExtract, State

Text = str | Promise
T = TypeVar("T")

# The colour of a state's tag; its words are the state's label.
TAGS = {
    State.REQUESTED: "info",
    State.PREPARED: "warning",
    State.APPROVED: "info",
    State.REJECTED: "error",
    State.BUILT: "success",
    State.FETCHED: "success",
    State.EXPIRED: "neutral",
    State.CANCELLED: "neutral",
    State.FAILED: "error",
}
EXTRACT_TAGS = {
    RegisterExtract.State.WAITING: "info",
    RegisterExtract.State.READY: "success",
    RegisterExtract.State.REFUSED: "error",
    RegisterExtract.State.DELETED: "neutral",
}

# What a job is doing, by the step's name in Job.step.
STEPS: dict[str, Text] = {
    "persons": gettext_lazy("Finder deltagere med gyldigt samtykke"),
    "rows": gettext_lazy("Samler oplysninger om deltagernes forløb"),
    "check": gettext_lazy("Kontrollerer efter Danmarks Statistiks regler"),
    "freeze": gettext_lazy("Fastlåser og krypterer data"),
    "key_file": gettext_lazy("Skriver nøglefil og identifikationsliste"),
    "data_file": gettext_lazy("Skriver datafil og kodebog"),
    "seal": gettext_lazy("Forsegler arkiverne"),
    "ledger": gettext_lazy("Noterer, hvem leverancen omfatter"),
    "residents": gettext_lazy("Læser beboerlisten"),
    "draw_first_starts": gettext_lazy("Finder, hvornår hver deltager begyndte"),
    "draw_starter_homes": gettext_lazy("Finder, hvor deltagerne boede"),
    "draw_areas": gettext_lazy("Finder boligområderne"),
    "draw_homes": gettext_lazy("Finder beboerne i områderne"),
    "draw_members": gettext_lazy("Finder voksne og børn i familierne"),
    "draw_families": gettext_lazy("Samler familierne"),
    "draw_starters": gettext_lazy("Finder deltagerne på beboerlisten"),
    "draw_unit_areas": gettext_lazy("Finder familiernes områder"),
    "draw_participants": gettext_lazy("Danner deltagergruppen"),
    "draw_candidates": gettext_lazy("Danner sammenligningsgruppen"),
    "draw_units": gettext_lazy("Sætter de to grupper sammen"),
    "draw_people": gettext_lazy("Finder personerne i grupperne"),
    "draw_persons": gettext_lazy("Beskriver personerne"),
    "draw_households": gettext_lazy("Beskriver familierne"),
    "codes": gettext_lazy("Giver familier og personer en kode"),
    "match": gettext_lazy("Matcher grupperne"),
    "describe": gettext_lazy("Sammenligner grupperne"),
}
JOBS: dict[str, Text] = {
    Job.Kind.PREPARE: gettext_lazy("Leverancen forberedes"),
    Job.Kind.BUILD: gettext_lazy("Filerne dannes"),
    Job.Kind.LOAD: gettext_lazy("Beboerlisten indlæses"),
}
ANOTHER_GROUP = gettext_lazy(
    "Projektet har allerede en sammenligningsgruppe efter en anden regel. Den, der har to grupper, kan trække dem fra "
    "hinanden og måske finde en familie. Bestil efter samme regel som før, eller bed en dataansvarlig om at tage "
    "skriftlig stilling under Ret projekt."
)
FAILURES: dict[str, Text] = {
    "gave_up": gettext_lazy("Arbejdet blev afbrudt flere gange og er opgivet. Prøv igen, eller kontakt driften."),
    "unexpected": gettext_lazy("Der skete en uventet fejl. Prøv igen. Sker det igen, så kontakt driften."),
    "project_key_missing": gettext_lazy("Projektets nøgle findes ikke i nøglemappen. Kontakt driften."),
    "too_few": gettext_lazy("Der er for få i en af grupperne til at vise noget om dem. Bestil efter en bredere regel."),
    "another_meanwhile": gettext_lazy("En anden sammenligningsgruppe i projektet blev dannet samtidig. Prøv igen."),
    "nobody": gettext_lazy("Ingen deltagere med gyldigt samtykke passer til bestillingen."),
    "blocked": gettext_lazy(
        "Efter at samtykker er ophørt, må resten ikke længere leveres, som det var godkendt. Bestil en ny leverance."
    ),
    "project_changed": gettext_lazy(
        "Projektet er ændret, siden leverancen blev godkendt. Filerne kan ikke dannes igen. Bestil en ny leverance."
    ),
    "identity_changed": gettext_lazy(
        "En deltagers CPR-nummer er rettet, siden leverancen blev godkendt. Filerne kan ikke dannes igen. "
        "Bestil en ny leverance."
    ),
    "unsettled": gettext_lazy("Samtykker blev trukket tilbage, mens filerne blev skrevet. Prøv igen."),
    "loader_left": gettext_lazy("Den, der sendte listen, har ikke længere adgang. Slet den, og send den igen."),
    "requester_left": gettext_lazy("Bestilleren har ikke længere adgang til projektet. Bestil igen."),
    "approval_void": gettext_lazy("Godkendelsen gælder ikke længere. Leverancen skal forberedes og godkendes igen."),
    "variable_gone": gettext_lazy("En af projektets variabler findes ikke længere. Ret projektet, og bestil igen."),
    "another_group": ANOTHER_GROUP,
    "no_matching": gettext_lazy(
        "Grupperne kan ikke matches, som reglen siger. Vælg andre kendetegn at matche på, eller bestil uden matchning."
    ),
    "no_extract": gettext_lazy("Beboerlisten findes ikke længere. Bestil igen med en anden liste."),
    "extract_unfit": gettext_lazy("Beboerlisten kan ikke bruges til reglen. Indlæs den igen, eller vælg en anden."),
    "year_missing": gettext_lazy("Beboerlisten dækker ikke sammenligningsåret."),
    "no_recipient": gettext_lazy(
        "Der er ikke længere en bekræftet nøgle for alle, der skal have filer. Tilføj en nøgle, få den bekræftet, og "
        "prøv igen, eller bestil en ny leverance."
    ),
    "disk_full": gettext_lazy("Der er ikke plads på serverens disk. Kontakt driften."),
    "no_paper": gettext_lazy("Kodebogen kan ikke tegnes som PDF, fordi serveren mangler programmer. Kontakt driften."),
}
KLASSES: dict[Klass, Text] = {
    Klass.IDENTITY: gettext_lazy("Identitet"),
    Klass.KEY: gettext_lazy("Kobler filer sammen"),
    Klass.QUASI: gettext_lazy("Kan sammen med andet pege på en person"),
    Klass.CODE: gettext_lazy("Kode"),
    Klass.NUMBER: gettext_lazy("Tal"),
}
ARCHIVES: dict[tuple[str, str], tuple[Text, Text]] = {  # (kind, reader): name and what is in it
    ("linkage", Reader.OFFICER): (
        pgettext_lazy("archive", "Nøglearkiv"),
        gettext_lazy("Nøglefil og identifikationsliste med personernes identitet, til Danmarks Statistik"),
    ),
    ("linkage", Reader.EVALUATOR): (
        pgettext_lazy("archive", "Dataarkiv"),
        gettext_lazy("Datafil uden identitet, med kodebog"),
    ),
    ("comparison", Reader.EVALUATOR): (
        pgettext_lazy("archive", "Dataarkiv"),
        gettext_lazy("Familier og personer uden identitet, med tabeller, figurer og kodebog"),
    ),
}
UNCOUNTED: dict[str, Text] = {
    "hidden": gettext_lazy("skjult"),
    SECONDARY: gettext_lazy("skjult"),
    "unknown": gettext_lazy("ukendt"),
}
READERS: dict[str, Text] = {
    Reader.OFFICER: gettext_lazy("Kun den dataansvarlige kan hente arkivet."),
    Reader.EVALUATOR: gettext_lazy("Kun projektets evaluatorer kan hente arkivet."),
}
SEALED_FOR: dict[str, Text] = {
    Reader.OFFICER: gettext_lazy("Åbner nøglearkiver: CPR-numre, navne og adresser."),
    Reader.EVALUATOR: gettext_lazy("Åbner dataarkiver: data uden identitet."),
}
REFUSALS: dict[str, Text] = {
    "own_request": gettext_lazy(
        "Du har selv bestilt leverancen. Derfor kan du ikke godkende eller afvise den: det skal en anden "
        "dataansvarlig gøre."
    ),
    "own_change": gettext_lazy(
        "Du har ændret, hvad projektets filer må indeholde, siden leverancen blev bestilt. Derfor skal en anden "
        "dataansvarlig tage stilling, eller bestilleren skal bestille igen."
    ),
    "not_prepared": gettext_lazy("Leverancen venter ikke længere på godkendelse."),
    "another_group": ANOTHER_GROUP,
    "own_key": gettext_lazy("Du har selv tilføjet nøglen. Derfor skal en anden bekræfte den."),
}
HINDRANCES: dict[str, Text] = {  # see approvals.hindrances
    "blocked": gettext_lazy("Kontrollen spærrer for levering."),
    "no_recipient": gettext_lazy(
        "Der mangler en bekræftet nøgle for en af dem, der skal have filer. Uden den kan ingen åbne filerne."
    ),
    "project_changed": gettext_lazy(
        "Projektet er ændret, siden data blev samlet. Afvis leverancen, og bed om en ny bestilling."
    ),
    "another_group": ANOTHER_GROUP,
}
DIFFERENCES: dict[str, Text] = {  # see exports.difference
    "added": gettext_lazy("Kommet til"),
    "ended": gettext_lazy("Gået ud, fordi samtykket er ophørt"),
    "left": gettext_lazy("Gået ud, fordi de ikke længere er i udvalget"),
    "changed": gettext_lazy("Ændrede oplysninger"),
    "unchanged": gettext_lazy("Uændrede"),
    "kept": gettext_lazy("Er også i denne leverance"),
}
FEW: dict[str, Text] = {
    "added": gettext_lazy("er kommet til"),
    "gone": gettext_lazy("er gået ud"),
    "changed": gettext_lazy("har fået ændrede oplysninger"),
}
MOVED_ON = gettext_lazy("Leverancen er kommet videre imens. Her står, hvordan den ser ud nu.")

# How a resident list must look: column, what it holds, example.
PERSON_COLUMNS: list[tuple[str, Text, str]] = [
    ("PNR", gettext_lazy("CPR-nummer, ti cifre, med eller uden bindestreg. Gem kolonnen som tekst."), "0707614286"),
    ("FAMILIE_ID", gettext_lazy("Familiens nummer: det samme for alle i familien"), "20417"),
    ("FOED_DAG", gettext_lazy("Fødselsdato: ÅÅÅÅ-MM-DD eller DD-MM-ÅÅÅÅ"), "1961-07-07"),
    ("AAR", gettext_lazy("Det år, som rækken gælder: én række for hver beboer og hvert år"), "2016"),
]
PLACE_COLUMNS: list[tuple[str, Text, str]] = [
    (
        "ORG_NR, AFD_NR",
        gettext_lazy("Enten boligorganisationens og boligafdelingens numre hos Landsbyggefonden"),
        "134, 2",
    ),
    ("KOM, VEJKODE, HUSNR", gettext_lazy("eller adressen: kommunekode, vejkode og husnummer"), "751, 4310, 12"),
]
# Invented: the numbers fail modulus 11, and nobody is born on a 1 January.
SAMPLE = """\
PNR;FAMILIE_ID;FOED_DAG;AAR;ORG_NR;AFD_NR
0707614286;20417;1961-07-07;2016;134;2
1503884121;20418;1988-03-15;2016;134;2
2410134432;20418;2013-10-24;2016;134;2
"""


def failure(code: str) -> Text:
    return FAILURES.get(code, FAILURES["unexpected"])


def period(first: int, last: int) -> str:
    """Years as text: a number in a page would get a thousands separator."""
    return str(first) if first == last else f"{first}–{last}"


def year_list(years: Iterable[int]) -> str:
    return ", ".join(str(year) for year in sorted(years))


def variables() -> dict[str, Variable]:
    """All variables by name, for their labels and classes only (without value sets of plans and types)."""
    return catalogue([], {}, 2000, 2000)


def label(variable: Variable) -> str:
    return in_language((variable.label_da, variable.label_en))


def left_out_rows(counts: Iterable[Sequence]) -> list[tuple[str, str]]:
    """Reason in words and masked count, of a report's `left_out`."""
    return [(in_language(LEFT_OUT.get(code, (code, code))), shown_count(shown)) for code, shown in counts]


def difference_words(difference: Mapping[str, Any]) -> dict[str, Any]:
    """A report's `difference` for a page: number of the last delivery, rows of kind and masked count, and warnings."""
    few = {"k": difference.get("k"), "number": difference.get("number")}
    sentence = _("Færre end %(k)s personer %(what)s siden leverance %(number)s.")
    warnings = [sentence % (few | {"what": FEW[kind]}) for kind in difference.get("few", [])]
    return {
        "number": difference.get("number"),
        "rows": [(DIFFERENCES[kind], shown_count(shown)) for kind, shown in difference.get("counts", [])],
        "warnings": warnings,
    }


def finding_texts(findings: Iterable[Sequence]) -> list[tuple[str, list[str]]]:
    """A report's `findings` by file, each as variable and rule: "ROLLE: Der er koder, …"."""
    by_file: dict[str, list[str]] = {}
    for _severity, member, rule, variable in findings:
        sentence = Finding(member, rule).sentence if rule in RULES else rule
        by_file.setdefault(member, []).append(f"{variable}: {sentence}" if variable else sentence)
    return [*by_file.items()]


def k_words(report: Mapping[str, Any], known: Mapping[str, Variable], data_at: str) -> dict[str, Any]:
    """A report's `k` (see kanonymity) with counts as a page shows them; empty where there is none."""
    if not report:
        return {}
    k = report["k"]

    def shown(count: int) -> str:
        return shown_count(masked(count, k))

    return {
        "k": k,
        "variables": report["variables"],
        "persons_below": shown(report["persons_below"]),
        "below": bool(report["persons_below"]),
        "smallest": shown_count(report["smallest"]),
        "without": [
            (name, label(known[name]) if name in known else "", shown(count)) for name, count in report["without"]
        ],
        "at_dst": data_at == EvaluationProject.DataAt.DST,
    }


def shown_count(shown: str) -> str:
    """A count of a report, which may be "<5", hidden or unknown, as a page shows it."""
    return number(int(shown)) if shown.isdecimal() else str(UNCOUNTED.get(shown, shown))


def in_language(texts: Sequence[T]) -> T:
    """Of a Danish and an English text (or what stands for them) the one for the page."""
    return texts[1] if (get_language() or "da").startswith("en") else texts[0]


def variable_rows(names: list[str], known: Mapping[str, Variable]) -> list[dict]:
    """Approved variables for a table: name, label, class in words, source, values (code and meaning) or bounds, and
    whether it needed an approval of its own.

    Names that the catalogue no longer has are shown as they stand: a delivery made with them is still shown.
    """
    ordered = [name for name in known if name in names and name not in ALWAYS]
    return [
        {
            "name": name,
            "label": label(known[name]),
            "klass": KLASSES[known[name].klass],
            "on_approval": name in ON_APPROVAL,
            "source": known[name].source,
            "values": [(code, in_language(labels)) for code, labels in (known[name].values or {}).items()],
            "bounds": known[name].bounds,
        }
        for name in ordered
    ] + [
        {"name": name, "label": "", "klass": "", "on_approval": False, "source": "", "values": [], "bounds": None}
        for name in names
        if name not in known
    ]


def what_happens(delivery: Delivery) -> str:
    """The state in one or two sentences: how it stands, and what comes next."""
    match State(delivery.state):
        case State.REQUESTED:
            return _("Data samles og fastlåses nu. Derefter skal en anden end bestilleren godkende leverancen.")
        case State.PREPARED:
            return _("Data er samlet og fastlåst. Nu skal en dataansvarlig, der ikke selv har bestilt, tage stilling.")
        case State.APPROVED:
            return _("Leverancen er godkendt. Filerne dannes nu og er klar om lidt.")
        case State.BUILT:
            return _("Filerne er klar. De kan hentes til og med %(day)s og slettes derefter.") % _until(delivery)
        case State.FETCHED:
            return _("Alle arkiver er hentet. De kan hentes igen til og med %(day)s og slettes derefter.") % _until(
                delivery
            )
        case State.EXPIRED if delivery.project.ended_at is not None:
            return _("Projektet er afsluttet, og filerne er slettet.")
        case State.EXPIRED:
            return _("Fristen er udløbet, og filerne er slettet. Er der stadig brug for data, så bestil igen.")
        case State.REJECTED:
            return _("Leverancen er afvist. Læs begrundelsen, og bestil igen, når det er rettet.")
        case State.CANCELLED:
            return _("Bestillingen er annulleret.")
        case State.FAILED:
            return str(failure(delivery.reason))


def _until(delivery: Delivery) -> dict[str, str]:
    return {"day": f"{delivery.expires_on:%d.%m.%Y}" if delivery.expires_on else "–"}
