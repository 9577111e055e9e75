"""What the pages say of rows and files: findings, outcomes, refusals and steps in plain words."""

from collections.abc import Set
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from collection.cpr import PROBLEM_TEXTS, CprWarning
from consent.models import Audience
from exports import wording as jobs_wording
from exports.models import Job
from spreadsheets.columns import BY_KEY
from spreadsheets.models import Row, Spreadsheet
from spreadsheets.reading.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS

Text = str | Promise

TAGS = {
    Spreadsheet.State.READING: "info",
    Spreadsheet.State.SHEETS: "warning",
    Spreadsheet.State.MATCHING: "warning",
    Spreadsheet.State.CHECKING: "info",
    Spreadsheet.State.PREVIEW: "warning",
    Spreadsheet.State.WRITING: "info",
    Spreadsheet.State.WRITTEN: "success",
    Spreadsheet.State.REFUSED: "error",
    Spreadsheet.State.DELETED: "neutral",
}
ROW_TAGS = {
    Row.State.READ: "neutral",
    Row.State.READY: "success",
    Row.State.WARNING: "warning",
    Row.State.ERROR: "error",
    Row.State.NO_CONSENT: "neutral",
    Row.State.LEFT_OUT: "neutral",
}
JOBS: dict[str, Text] = {
    Job.Kind.CHECK_ROWS: gettext_lazy("Regnearket læses og kontrolleres"),
    Job.Kind.WRITE_ROWS: gettext_lazy("Deltagerne indlæses"),
}
STEPS: dict[str, Text] = {
    "read_sheet": gettext_lazy("Læser regnearket"),
    "check_rows": gettext_lazy("Kontrollerer rækkerne"),
    "compare_rows": gettext_lazy("Sammenligner med hinanden og med registrerede deltagere"),
    "settle_rows": gettext_lazy("Gør resultatet klar"),
    "prepare_rows": gettext_lazy("Krypterer oplysningerne"),
    "flip_rows": gettext_lazy("Indsætter alle rækker på én gang"),
}

# Why a file can't be read.
REFUSALS: dict[str, Text] = {
    "empty": gettext_lazy("Der er ingen rækker i filen. Se efter, om det er den rigtige fil."),
    "old_excel": gettext_lazy(
        "Filen er i et ældre Excel-format (.xls), eller den er beskyttet med en adgangskode. Gem den i Excel som "
        "»Excel-projektmappe (.xlsx)« uden adgangskode, og send den igen."
    ),
    "broken_workbook": gettext_lazy("Excel-filen er beskadiget. Åbn den i Excel, gem den igen, og send den nye fil."),
    "too_large": gettext_lazy("Filen er for stor. Højst %(size)s MB. Del den i flere filer."),
    "too_many_rows": gettext_lazy("Der er over %(rows)s rækker i arket. Del det i flere filer."),
    "too_many_columns": gettext_lazy(
        "Der er over %(columns)s kolonner i arket. Slet de kolonner, der ikke skal bruges."
    ),
    "broken_csv": gettext_lazy(
        "Et anførselstegn i filen er ikke afsluttet, eller en celle er alt for lang. Gem arket igen som CSV eller xlsx."
    ),
    "letters": gettext_lazy("Bogstaverne i filen kan ikke læses. Gem den som »CSV UTF-8« eller som xlsx."),
    "no_table": gettext_lazy("Filen er hverken et Excel-ark (.xlsx) eller en CSV-fil. Gem den som en af dem."),
    "disk_full": gettext_lazy("Der er ikke plads på serverens disk til filen. Kontakt driften."),
    "unexpected": gettext_lazy("Filen kunne ikke læses på grund af en fejl. Prøv igen, eller kontakt driften."),
}
# Why a file was sent back at the last step. Every row has been judged again since.
SENT_BACK: dict[str, Text] = {
    "keys_changed": gettext_lazy("Registrets nøgler er skiftet, siden I så rækkerne efter."),
    "rules_changed": gettext_lazy("En aktivitet, en tekst eller en medarbejder er ændret, siden I så rækkerne efter."),
    "activity_changed": gettext_lazy("En aktivitet er ændret eller afsluttet, siden I så rækkerne efter."),
    "text_ended": gettext_lazy("En samtykketekst er taget ud af brug, siden I så rækkerne efter."),
    "registered_since": gettext_lazy("En af personerne er blevet registreret på anden vis, siden I så rækkerne efter."),
    "withdrawn_since": gettext_lazy("En af personernes samtykke er ændret, siden I så rækkerne efter."),
    "no_access": gettext_lazy("Den, der satte indlæsningen i gang, har ikke længere adgang til helhedsplanen."),
    "gave_up": gettext_lazy("Arbejdet blev afbrudt flere gange og er opgivet. Prøv igen, eller kontakt driften."),
    "unexpected": gettext_lazy("Der skete en uventet fejl. Prøv igen. Sker det igen, så kontakt driften."),
}
FINDINGS: dict[str, Text] = {
    # the person
    "nobody": gettext_lazy("Der er hverken CPR-nummer eller navn. Skriv et af dem, eller udelad rækken."),
    "name_missing": gettext_lazy("Skriv personens fulde navn."),
    "birth_date_missing": gettext_lazy("Skriv fødselsdatoen. Den skal stå der, når der ikke er et CPR-nummer."),
    "address_missing": gettext_lazy("Skriv adressen. Den skal stå der, når der ikke er et CPR-nummer."),
    "residence_date_missing": gettext_lazy("Skriv en dato, hvor personen boede på adressen."),
    "birth_date_future": gettext_lazy("Fødselsdatoen ligger i fremtiden. Ret den."),
    "residence_future": gettext_lazy("Datoen for bopæl ligger i fremtiden. Ret den."),
    "residence_before_birth": gettext_lazy("Datoen for bopæl ligger før fødselsdatoen. Ret en af dem."),
    "birth_date_differs": gettext_lazy(
        "Fødselsdatoen er en anden end den i CPR-nummeret. Se efter, om nummeret er den rigtige persons."
    ),
    "formula": gettext_lazy("Teksten begynder med et tegn, som regneark tager for en formel. Slet tegnet."),
    "number_in_text": gettext_lazy("Der står noget, der ligner et CPR-nummer. Flyt det til kolonnen med CPR-numre."),
    "too_long": gettext_lazy("Teksten er for lang. Forkort den."),
    "damaged": gettext_lazy(
        "Bogstaver ser ud til at være ødelagt (som Ã¸ for ø). Skriv teksten igen, som den skal stå."
    ),
    "mixed_scripts": gettext_lazy(
        "Et ord i navnet blander bogstaver fra to alfabeter, der ligner hinanden. Skriv navnet igen med ét alfabet."
    ),
    "zero_restored": gettext_lazy("Det foranstillede nul er lagt på igen."),
    CprWarning.CHECK_DIGIT: gettext_lazy(
        "Kontrolcifret passer ikke. Nummeret kan være rigtigt, især for personer født den 1. januar. "
        "Se efter i kilden, og bekræft det, eller ret det."
    ),
    CprWarning.OVER_110: gettext_lazy("Personen er over 110 år. Se efter, og bekræft det, eller ret det."),
    CprWarning.OUTSIDE_TARGET: gettext_lazy("Personens alder ligger uden for aktivitetens målgruppe. Se efter."),
    # dates
    "date_unreadable": gettext_lazy("Datoen kan ikke læses. Skriv den som dag-måned-år, for eksempel 03-04-2016."),
    "date_two_digit_year": gettext_lazy("Årstallet har kun to cifre. Skriv alle fire, for eksempel 2016."),
    "date_month_first": gettext_lazy(
        "Der er ingen måned med det nummer. Måske står måneden først: skriv dagen først, så måneden."
    ),
    "date_impossible": gettext_lazy("Datoen findes ikke. Se efter, om dag og måned er skrevet rigtigt."),
    "date_needs_day": gettext_lazy("Her skal hele datoen stå: dag, måned og år."),
    "serial_date": gettext_lazy(
        "Datoen står som et tal, sådan som Excel gemmer datoer%(serial)s. Se efter, om den er rigtig."
    ),
    # the participation
    "activity_missing": gettext_lazy("Skriv aktivitetens navn, eller vælg én aktivitet til hele filen under Kolonner."),
    "activity_unknown": gettext_lazy(
        "Helhedsplanen har ingen aktivitet med det navn. Vælg den rigtige under Aktiviteter."
    ),
    "activity_ambiguous": gettext_lazy("Flere aktiviteter har det navn. Vælg den rigtige under Aktiviteter."),
    "start_missing": gettext_lazy("Skriv, hvornår deltagelsen begyndte. Årstallet er nok."),
    "start_future": gettext_lazy("Begyndelsen ligger i fremtiden. Ret den."),
    "start_before_birth": gettext_lazy("Begyndelsen ligger før personens fødsel. Ret en af datoerne."),
    "start_before_activity": gettext_lazy(
        "Datoen ligger før aktivitetens begyndelse%(day)s. Ret datoen eller aktiviteten."
    ),
    "start_after_activity": gettext_lazy(
        "Datoen ligger efter aktivitetens slutning%(day)s. Ret datoen eller aktiviteten."
    ),
    "end_before_start": gettext_lazy("Deltagelsen slutter, før den begynder. Ret en af datoerne."),
    "end_future": gettext_lazy("Slutdatoen ligger i fremtiden. Lad den stå tom, til deltagelsen er slut."),
    "end_after_activity": gettext_lazy("Slutdatoen ligger efter aktivitetens slutning%(day)s. Ret den."),
    "role_missing": gettext_lazy("Skriv rollen, eller vælg én rolle til hele filen under Kolonner."),
    "role_unknown": gettext_lazy("Rollen kendes ikke. Skriv mor, far, anden værge, barn eller anden."),
    # consent
    "consent_unclear": gettext_lazy("Skriv ja eller nej til samtykke."),
    "decided_on_missing": gettext_lazy("Skriv datoen for samtykket. Uden den kan personen ikke registreres."),
    "decided_in_future": gettext_lazy("Datoen for samtykket ligger i fremtiden. Ret den."),
    "decided_before_birth": gettext_lazy("Datoen for samtykket ligger før personens fødsel. Ret en af dem."),
    "method_missing": gettext_lazy(
        "Skriv, hvordan samtykket blev givet, eller vælg det til hele filen under Kolonner."
    ),
    "method_unknown": gettext_lazy("Samtykkets form kendes ikke. Skriv papir, mundtligt med vidne eller digitalt."),
    "text_unknown": gettext_lazy("Sproget på samtykketeksten kendes ikke. Skriv for eksempel dansk eller arabisk."),
    "text_missing": gettext_lazy(
        "Der er ingen samtykketekst i brug på det sprog til %(audience)s. Skriv et andet sprog, eller bed den "
        "dataansvarlige offentliggøre teksten."
    ),
    "obtained_by_missing": gettext_lazy("Vælg under Kolonner, hvem der tog imod samtykkerne."),
    "obtained_by_unknown": gettext_lazy(
        "Ingen medarbejder i helhedsplanen har det navn. Skriv det som under Medarbejdere."
    ),
    "guardian_relation_missing": gettext_lazy(
        "Personen var under 15 år. Skriv, om mor, far eller anden værge samtykkede."
    ),
    "guardian_unknown": gettext_lazy("Værgen kendes ikke. Skriv mor, far eller anden værge."),
    "consent_lapsed": gettext_lazy(
        "Samtykket gælder ikke længere: værgens samtykke er udløbet, eller teksten er ophørt. Spørg igen, før personen "
        "registreres."
    ),
    "text_not_published": gettext_lazy("Samtykketeksten er taget ud af brug. Vælg en anden under Kolonner."),
    # compared
    "duplicate": gettext_lazy(
        "Samme person, aktivitet og begyndelse står også i %(row)s. Bekræftes det, indlæses de som én."
    ),
    "same_activity": gettext_lazy(
        "Samme person står i samme aktivitet i %(row)s med en anden begyndelse. Bekræft, at det er to forløb."
    ),
    "address_differs": gettext_lazy(
        "Samme navn og fødselsdato står i %(row)s med en anden adresse. Bekræft, at det er den samme person, "
        "eller udelad rækken, og registrér personen på aktivitetens side."
    ),
    "registered": gettext_lazy("Personen er allerede registreret med samtykke og får kun denne deltagelse."),
    "registered_again": gettext_lazy(
        "Personen er allerede registreret. Samtykket i filen er nyere og bliver lagt til."
    ),
    "already_there": gettext_lazy("Deltagelsen er allerede registreret. Rækken ændrer den ikke."),
    "consent_ended": gettext_lazy(
        "Personen er registreret, men samtykket gælder ikke længere, og det i filen er ikke nyere. "
        "Spørg personen igen, eller udelad rækken."
    ),
    "gone": gettext_lazy(
        "Samtykket i filen gælder ikke længere. Udelad rækken. Siger personen ja igen, så registrér det på "
        "aktivitetens side."
    ),
    "namesake": gettext_lazy(
        "En person med samme navn og fødselsdato er allerede registreret. Bekræft, at det er den samme, eller ret "
        "rækken, og vælg, at det er en anden."
    ),
    "namesakes": gettext_lazy(
        "Flere personer med samme navn og fødselsdato er allerede registreret. Udelad rækken, og registrér "
        "deltagelsen på aktivitetens side."
    ),
}
FINDINGS |= {f"cpr_{problem.value}": text for problem, text in PROBLEM_TEXTS.items()}
AUDIENCES: dict[str, Text] = {
    Audience.ADULT: gettext_lazy("voksne"),
    Audience.YOUTH: gettext_lazy("15-17-årige"),
    Audience.GUARDIAN: gettext_lazy("børn under 15 år"),
}
NO_CONSENT = gettext_lazy(
    "Rækken har intet samtykke, så personen registreres ikke, og intet om personen gemmes, når indlæsningen er slut. "
    "Tæl personen med uden samtykke på aktivitetens side."
)
REPORT_HEADINGS = (gettext_lazy("Række"), gettext_lazy("Resultat"), gettext_lazy("Hvorfor"))


def sentence(field: str, code: str, value: str) -> str:
    """A finding in words, with the column it is about in front."""
    text = str(FINDINGS.get(code, code)) % _Values(value)
    return f"{BY_KEY[field].label}: {text}" if field in BY_KEY else text


def bare_sentence(code: str, value: str = "") -> str:
    """A finding in words for many rows at once."""
    return str(FINDINGS.get(code, code)) % _Values(value)


class _Values(dict):
    """What a sentence may ask for, made of the finding's one value."""

    def __init__(self, value: str):
        row = _("række %(number)s") % {"number": value} if value else _("en anden række")
        super().__init__(row=row, audience=AUDIENCES.get(value, _("denne aldersgruppe")))
        self.value = value

    def __missing__(self, key: str) -> str:
        try:
            day = date_format(date.fromisoformat(self.value))
        except ValueError:
            return ""
        return _(", og er læst som %(day)s") % {"day": day} if key == "serial" else f" ({day})"


def outcome(state: str, codes: Set[str], written: bool) -> str:
    """What became, or will become, of a row."""
    if state != Row.State.READY:
        return str(OUTCOMES[Row.State(state), written])
    if "already_there" in codes:
        return _("Var der allerede")
    if "duplicate" in codes:
        return _("Slået sammen med en anden række")
    return _("Indlæst") if written else _("Klar til indlæsning")


OUTCOMES: dict[tuple[Row.State, bool], Text] = {
    (Row.State.READ, False): gettext_lazy("Ikke kontrolleret"),
    (Row.State.READ, True): gettext_lazy("Ikke indlæst"),
    (Row.State.WARNING, False): gettext_lazy("Skal ses efter"),
    (Row.State.WARNING, True): gettext_lazy("Ikke indlæst: advarslen blev ikke bekræftet"),
    (Row.State.ERROR, False): gettext_lazy("Fejl"),
    (Row.State.ERROR, True): gettext_lazy("Ikke indlæst: fejl"),
    (Row.State.NO_CONSENT, False): gettext_lazy("Uden samtykke: registreres ikke"),
    (Row.State.NO_CONSENT, True): gettext_lazy("Uden samtykke: ikke registreret"),
    (Row.State.LEFT_OUT, False): pgettext_lazy("row", "Udeladt"),
    (Row.State.LEFT_OUT, True): pgettext_lazy("row", "Udeladt"),
}


def refusal(code: str) -> str:
    limits = {"size": MOST_BYTES // 1024**2, "rows": f"{MOST_ROWS:,}".replace(",", "."), "columns": MOST_COLUMNS}
    return str(REFUSALS.get(code, REFUSALS["unexpected"])) % limits


def sent_back(code: str) -> str:
    return str(SENT_BACK.get(code, SENT_BACK["unexpected"]))


def register() -> None:
    """Jobs of this app in the words that exports' pages of progress use."""
    jobs_wording.JOBS |= JOBS
    jobs_wording.STEPS |= STEPS
