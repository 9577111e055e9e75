"""What a definition package says of itself, to whoever runs it: in Danish and in English."""

from collections.abc import Mapping

from exports.comparison.runner.codebook import needed
from exports.comparison.runner.definition import Definition
from exports.comparison.runner.needs import reaches
from exports.comparison.runner.registers import SPELLS, TABLES, YEARLY
from exports.comparison.runner.texts import DANISH

NAMES = ("LAES_MIG.txt", "README.txt")  # Danish, English


def readme(project: str, definition: Definition, versions: Mapping[str, str], language: int) -> str:
    """versions: Python package -> version."""
    pinned = ", ".join(f"{name} {number}" for name, number in versions.items())
    write = _danish if language == DANISH else _english
    return write(project, _command(definition), _registers(definition, language), pinned)


def _command(definition: Definition) -> str:
    """How the runner is started, with every register that the definition may need."""
    lines = ["python -m runner comparison definition.json"]
    lines += [f"--register {year}=bef{year}.parquet" for year in definition.years]
    for name in needed(definition):
        table, file = TABLES[name], name.lower()
        if table.span == YEARLY and name != "BEF":
            years = [year for year in definition.years if table.covers(year, year)]
            lines += [f"--register {name}:{year}={file}{year}.parquet" for year in years]
        elif name not in ("BEF", "STARTER", "OMRAADER") and reaches(table, definition.years):
            lines.append(f"--register {name}={file}.parquet")
    lines += ["--participants starter.csv", "--areas omraader.csv", "--out resultat"]
    return " \\\n    ".join(lines)


def _registers(definition: Definition, language: int) -> str:
    spans = {
        YEARLY: ("et for hvert år", "one for each year"),
        SPELLS: ("alle hændelser", "all events"),
    }
    rows = []
    for name in needed(definition):
        table = TABLES[name]
        span = spans.get(table.span, ("en liste", "a list"))[language]
        rows.append(f"  {name:<16}{table.label[language]} ({span})")
    return "\n".join(rows)


def _danish(project: str, command: str, registers: str, pinned: str) -> str:
    return f"""\
Definitionspakke: {project}

Pakken har alt, der skal til for at danne sammenligningsgruppen dér, hvor registrene er: hos Danmarks
Statistik eller på en evaluators godkendte maskine. Den har ingen oplysninger om personer.

Sådan gør du
  1. Pak pakken ud. Du skal bruge Python 3.11 eller nyere med pakkerne i requirements.txt:
     {pinned}
  2. Læg registrene som CSV eller Parquet. Kolonnerne hedder som hos Danmarks Statistik; registre.csv viser,
     hvilke der skal bruges. BEF skal have AFDELING, eller ADRESSE_ID sammen med listen AFDELINGER, som laves
     af adresser.csv: kommune, vejkode og husnumre for hver boligafdeling. Skal der måles fattigdom, skal BEF
     og IND omfatte hele befolkningen, for medianen regnes ud af dem. Ellers giver du den med --medians.
  3. Læg deltagerne som starter.csv med kolonnerne PNR, AKTIVITETSTYPE, AAR og PLAN: en række for hver gang
     en person begyndte på en aktivitet. AKTIVITETSTYPE er koden i definition.json, PLAN er den i omraader.csv.
     Kør programmet i pakkens mappe:

{_indented(command)}

  4. Læs resultat/summary.txt. families.* og persons.* er INTERNE: én række for hver familie og person. Resten er
     tabeller og figurer, hvor små tal er skjult.

Deltagerne
  Hvem der har deltaget, følger med de koblede data: Danmarks Statistik har erstattet personnumrene med sine
  egne nøgler, og starter.csv dannes af dem. Der udleveres aldrig en liste med personnumre til evaluatoren.
  Deltagere, der ikke har givet samtykke eller har trukket det tilbage, er ikke med og kan stå i
  sammenligningsgruppen. Det skal fremgå, når resultatet bruges.

Registre
{registers}

Filer
  definition.json, definition.txt   reglen, til programmet og i ord
  omraader.csv                      boligafdelinger: helhedsplan, kommune (KOM), region
  adresser.csv                      boligafdelingernes vejkoder og husnumre
  kodebog.csv                       alle kendetegn: koder, registre og kilder
  registre.csv                      de registre og kolonner, som reglen bruger
  sql/                              det SQL, som programmet kører for denne regel
  runner/                           programmet selv; python -m runner --help
  manifest.json                     filernes kontrolsummer (SHA-256)

Et datasæt, der allerede er koblet, kan matches med: python -m runner match SPEC.json DATA --out MAPPE
"""


def _english(project: str, command: str, registers: str, pinned: str) -> str:
    return f"""\
Definition package: {project}

The package has all it takes to draw the comparison group where the registers are: at Statistics Denmark or on
an evaluator's approved machine. It has no data on persons.

How to
  1. Unpack it. You need Python 3.11 or later with the packages of requirements.txt:
     {pinned}
  2. Have the registers as CSV or Parquet. Columns are named as at Statistics Denmark; registre.csv says which
     are needed. BEF needs AFDELING, or ADRESSE_ID together with the list AFDELINGER, which is made of adresser.csv:
     municipality, street codes and house numbers of each department.
  3. Have the participants as starter.csv with the columns PNR, AKTIVITETSTYPE, AAR and PLAN: a row for each time
     that a person started an activity. AKTIVITETSTYPE is the code of definition.json, PLAN that of omraader.csv.
     Run in the package's folder:

{_indented(command)}

  4. Read resultat/summary.txt. families.* and persons.* are INTERNAL: a row for each family and person. The rest are
     tables and pictures in which small counts are hidden.

The participants
  Who took part comes with the linked data: Statistics Denmark has replaced the person numbers with its own ids,
  and starter.csv is made of them. No list of numbers is ever given to the evaluator. Participants who have not
  consented, or have withdrawn, are not in it and may stand in the comparison group. Say so where the result is used.

Registers
{registers}

Files
  definition.json, definition.en.txt   the definition, for the program and in words
  omraader.csv                         departments: plan, municipality (KOM), region
  adresser.csv                         the departments' street codes and house numbers
  kodebog.csv                          all characteristics: codes, registers and sources
  registre.csv                         the registers and columns that the definition uses
  sql/                                 the SQL as it runs for this definition
  runner/                              the program itself; python -m runner --language en --help
  manifest.json                        checksums of the files (SHA-256)

A data set that is linked already can be matched: python -m runner match SPEC.json DATA --out DIR --language en
"""


def _indented(text: str) -> str:
    return "\n".join(f"     {line}" for line in text.splitlines())
