"""LAES_MIG.txt: what the archive holds and what may be done with it, in Danish, for the person who opens it."""

from textwrap import fill

from exports.linkage.formats.labels import unlabelled_in_stata
from exports.linkage.manifest import PSEUDONYM_NOTE, DeliveryFacts
from exports.linkage.schema import Layout

NAME = "LAES_MIG.txt"

_CSV_FORM = """\
Sådan er CSV-filerne skrevet
  Tegnsæt UTF-8 uden BOM, semikolon mellem felterne, linjeskift LF (i SAS: TERMSTR=LF), navne i første linje.
  Tekst står i anførselstegn, tal gør ikke. Datoer er ÅÅÅÅ-MM-DD. En manglende værdi er et tomt felt.
  Rækkerne er sorteret efter pseudonym. Rækkefølgen siger ikke andet.
"""


def evaluator_text(facts: DeliveryFacts, layout: Layout, rows: int, persons: int) -> str:
    return f"""\
{_head("Datafil til evaluering", facts)}
INTERN: Filerne har oplysninger om enkeltpersoner. De er pseudonymiserede, men de er personoplysninger. De må kun
bruges i dette projekt og må ikke offentliggøres eller gives videre.
Tal på under {facts.minimum_count} personer må ikke offentliggøres, heller ikke så de kan regnes ud af andre tal.

Filer
  data.csv          {danish(rows)} rækker om {_persons(persons)}
{formats_text("data")}
  kodebog.html      variabler, værdisæt og antal, til at læse
  kodebog.pdf       det samme, til at udskrive
  kodebog.csv       det samme, til programmer
  manifest.json     beskrivelse af leverancen og kontrolsummer (SHA-256) af filerne

{_CSV_FORM}
{limits_text(layout)}
Indhold
{_paragraph("  ", f"{layout.unit[0]}.")}
{_paragraph("  ", PSEUDONYM_NOTE[0])}
{_paragraph("  ", key_text(layout))}
  Datafilen kobles med registrene hos Danmarks Statistik ved PSEUDONYM. Nøglen har I ikke, og den må I ikke få.
  Personer uden samtykke er ikke med. De kan være blandt dem, som deltagerne sammenlignes med.

{_left_out(facts)}"""


def formats_text(stem: str, package: str = "datapackage.json", width: int = 18) -> str:
    """Lines of the list of files: the same rows in other formats. `width`: of the names."""
    return f"""\
  {f"{stem}.sas":<{width}}SAS-program, der indlæser {stem}.csv med labels og værdisæt
  {f"{stem}.parquet":<{width}}de samme rækker til R, Python, DuckDB og andre
  {f"{stem}.xpt":<{width}}de samme rækker til SAS (SAS transport, version 8)
  {f"{stem}.dta":<{width}}de samme rækker til Stata (version 14 og senere)
  {f"{stem}.sav":<{width}}de samme rækker til SPSS
  {package:<{width}}beskrivelse af {stem}.csv til programmer (Frictionless Data Package)"""


def limits_text(layout: Layout) -> str:
    """What the formats have no room for, and what to do about it."""
    stata = "Labels på variabler (højst 80 tegn) og værdier er med."
    if unlabelled := unlabelled_in_stata(layout):
        stata += f" Stata har ikke labels på tekstværdier: Koderne i {', '.join(unlabelled)} er forklaret i kodebogen."
    about = [
        "  SAS transport  Formatet har labels på variabler, men ikke på værdier. SAS-programmet danner formaterne til "
        "værdierne (PROC FORMAT). Læs filen med %XPT2LOC i en SAS-session med UTF-8. LIBNAME XPORT kan kun version 5.",
        f"  Stata          {stata}",
        "  SPSS           Labels på variabler og værdier er med. Labels på værdier er højst 120 tegn, og æ, ø og å "
        "tæller som to.",
        "  Parquet        Labels og værdisæt står som JSON i filens metadata under nøglen variables.",
        "  En label, der er for lang til et format, er forkortet og ender på …. Hele teksten står i kodebogen. "
        "Manglende tal er formatets egen manglende værdi. Manglende tekst er tom i SAS, Stata og SPSS.",
    ]
    lines = [fill(text, 112, subsequent_indent="  " if text[2:4] == "En" else " " * 17) for text in about]
    return "\n".join(["Hvad de andre formater rummer", *lines, ""])


def key_text(layout: Layout) -> str:
    """What names a row."""
    *others, last = layout.grain
    return f"{', '.join(others)} og {last} udgør tilsammen rækkens nøgle." if others else f"{last} er rækkens nøgle."


def officer_text(facts: DeliveryFacts, with_cpr: int, without_cpr: int) -> str:
    return f"""\
{_head("Nøglefil og identifikationsliste", facts)}
FORTROLIGT: Filerne har CPR-numre, navne og adresser. De er kun til den, der på den dataansvarliges vegne uploader
dem til Danmarks Statistik gennem Danmarks Statistiks egen kanal. De må ikke sendes på anden måde, ikke gives til
evaluator og ikke gemmes, når de er uploadet.

Filer
  noegle.csv                {_persons(with_cpr)}: PNR og PSEUDONYM
  identifikationsliste.csv  {_persons(without_cpr)} uden CPR-nummer: pseudonym, navn, fødselsdato,
                            adresse, bopælsdato
  manifest.json             beskrivelse af leverancen og kontrolsummer (SHA-256) af filerne

{_CSV_FORM}  PNR er tekst på ti tegn uden bindestreg. Læs den som tekst, ellers går nuller forrest tabt.

Indhold
  Hver person står i én af filerne, én gang.
{_paragraph("  ", PSEUDONYM_NOTE[0])}
  Personerne på identifikationslisten kan kun kobles, hvis Danmarks Statistik finder dem ved navn og adresse.

{_left_out(facts)}"""


def danish(number: int) -> str:
    """1234567 as 1.234.567."""
    return f"{number:,}".replace(",", ".")


def _persons(number: int) -> str:
    return "1 person" if number == 1 else f"{danish(number)} personer"


def _paragraph(start: str, text: str) -> str:
    """The text after `start`, its further lines under its first."""
    return fill(text, 112, initial_indent=start, subsequent_indent=" " * len(start))


def _head(title: str, facts: DeliveryFacts) -> str:
    return f"""\
{title}

Projekt              {facts.project_name}
Projektnummer i DST  {facts.dst_number}
Formål               {facts.purpose}
Leverance            {facts.delivery_id}
Opgjort              {facts.frozen_on:%d.%m.%Y}
{_paragraph("Befolkning           ", facts.population_da)}
"""


def _left_out(facts: DeliveryFacts) -> str:
    if not facts.left_out:
        return "Ikke med i leverancen\n  Ingen deltagere er udeladt.\n"
    lines = [f"  {reason.label_da}: {count}" for reason, count in facts.left_out_masked()]
    return "Ikke med i leverancen (registreringer; hver plan har sin egen)\n" + "\n".join(lines) + "\n"
