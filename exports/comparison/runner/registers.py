"""The tables that groups are drawn from and described by, with the names that Statistics Denmark gives them.

Registers and variables are called as in Statistics Denmark's catalogue (dst-fsv 0.1.0); a test holds them against it.
What isn't in the catalogue stands in EXCEPTIONS, each with the reason. Person numbers are whatever the place uses:
Statistics Denmark's own ids there, keys of a run on the site.
"""

from dataclasses import dataclass

from .texts import Text

TEXT, INTEGER, NUMBER, DAY = "text", "integer", "number", "day"
YEARLY, SPELLS, LIST = "yearly", "spells", "list"  # a file for each year; all events, in any number of files; one list


@dataclass(frozen=True)
class Column:
    """kind: TEXT, INTEGER, NUMBER or DAY (YYYY-MM-DD). `needed`: the file is refused without it."""

    name: str
    kind: str
    label: Text
    needed: bool = True


@dataclass(frozen=True)
class Table:
    """A register.

    span         YEARLY, SPELLS or LIST
    key          the columns that together name a row of a file; () where rows may be alike
    demographic  the site may hold it (a resident list is BEF with an address); the others are read where the registers
                 are, by the runner only
    first, last  the years that the register has; None: since long ago, until now
    """

    name: str
    label: Text
    span: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    demographic: bool = False
    first: int | None = None
    last: int | None = None

    def covers(self, first: int, last: int) -> bool:
        """Whether the register has something of these years."""
        return (self.last is None or first <= self.last) and (self.first is None or last >= self.first)

    def column(self, name: str) -> Column:
        """Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_PNR = Column("PNR", TEXT, ("Personnummer eller nøgle", "Person number or key"))
_DWELLING = Column("DST_BOLIGERHVERVSENHED_ID", TEXT, ("Boligens nøgle", "Key of the dwelling"))
_RECORD = Column("RECNUM", TEXT, ("Kontaktens nummer", "Number of the contact"))
_CONTACT = Column("DW_EK_KONTAKT", TEXT, ("Kontaktens nøgle", "Key of the contact"))
_ADMITTED = Column("D_INDDTO", DAY, ("Kontaktens første dag", "First day of the contact"))
_DIAGNOSIS = Column("C_DIAG", TEXT, ("Diagnose (SKS: D og ICD-10)", "Diagnosis (SKS: D and ICD-10)"))
_ENROLLED = Column("INDSKRIVNINGDATO", DAY, ("Indskrevet", "Enrolled"))

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "BEF", ("Befolkningen 31. december", "Population on 31 December"), YEARLY, ("PNR",),
            (
                _PNR,
                Column("FAMILIE_ID", TEXT, ("E-familie", "E-family")),
                Column("FOED_DAG", DAY, ("Fødselsdag", "Date of birth")),
                Column("KOEN", INTEGER, ("Køn: 1 mand, 2 kvinde", "Sex: 1 male, 2 female"), needed=False),
                Column("KOM", TEXT, ("Kommune", "Municipality"), needed=False),
                Column("PLADS", INTEGER, ("Plads i familien: 1 og 2 voksen, 3 barn",
                                          "Place in the family: 1 and 2 adult, 3 child"), needed=False),
                Column("IE_TYPE", INTEGER, ("Herkomst: 1 dansk, 2 indvandrer, 3 efterkommer",
                                            "Origin: 1 Danish, 2 immigrant, 3 descendant"), needed=False),
                Column("OPR_LAND", INTEGER, ("Oprindelsesland (CPR's landekode)",
                                             "Country of origin (code of the civil register)"), needed=False),
                Column("ADRESSE_ID", TEXT, ("Adressens nøgle", "Key of the address"), needed=False),
                Column("AFDELING", TEXT, ("Boligafdeling (ORG_NR-AFD_NR)", "Department (ORG_NR-AFD_NR)"), needed=False),
            ),
            demographic=True,
        ),
        Table(
            "AFDELINGER", ("Boligafdelingernes adresser", "Addresses of the departments"), LIST, ("ADRESSE_ID",),
            (
                Column("ADRESSE_ID", TEXT, ("Adressens nøgle", "Key of the address")),
                Column("AFDELING", TEXT, ("Boligafdeling (ORG_NR-AFD_NR)", "Department (ORG_NR-AFD_NR)")),
            ),
            demographic=True,
        ),
        Table(
            "UDDA", ("Højeste fuldførte uddannelse", "Highest completed education"), YEARLY, ("PNR",),
            (
                _PNR,
                Column("HFAUDD", INTEGER, ("Uddannelsens kode", "Code of the education")),
                Column("HF_KILDE", INTEGER, ("Kilde til oplysningen", "Source of the information")),
            ),
        ),
        Table(
            "AUDD", ("Uddannelsernes hovedområder (DISCED-15)", "Main areas of educations (DISCED-15)"), LIST,
            ("HFAUDD",),
            (
                Column("HFAUDD", INTEGER, ("Uddannelsens kode", "Code of the education")),
                Column("HOVEDOMRAADE", INTEGER, ("Hovedområde: de to første cifre", "Main area: the first two digits")),
            ),
        ),
        Table(
            "RAS", ("Tilknytning til arbejdsmarkedet ultimo november", "Labour market status at the end of November"),
            YEARLY, (),
            (
                _PNR,
                Column("SOC_STATUS_KODE", INTEGER, ("Socioøkonomisk status", "Socio-economic status")),
                Column("PRIMAER_STATUS_KODE", INTEGER, ("1: personens primære status", "1: the person's main status"),
                       needed=False),
            ),
        ),
        Table(
            "AKM", ("Væsentligste indkomstkilde i året", "Main source of income in the year"), YEARLY, ("PNR",),
            (_PNR, Column("SOCIO13", INTEGER, ("Socioøkonomisk klassifikation", "Socio-economic classification"))),
        ),
        Table(
            "IND", ("Indkomst", "Income"), YEARLY, ("PNR",),
            (_PNR, Column("DISPON_13", NUMBER, ("Disponibel indkomst, kr.", "Disposable income, DKK"))),
        ),
        Table(
            "PSYK_ADM", ("Kontakter med psykiatrien til 2019", "Psychiatric contacts until 2019"), SPELLS, ("RECNUM",),
            (_RECORD, _PNR, _ADMITTED),
            last=2019,
        ),
        Table(
            "PSYK_DIAG", ("Diagnoser i psykiatrien til 2019", "Psychiatric diagnoses until 2019"), SPELLS, (),
            (_RECORD, _DIAGNOSIS),
            last=2019,
        ),
        Table(
            "LPR_ADM", ("Kontakter med sygehuse til 2019", "Hospital contacts until 2019"), SPELLS, ("RECNUM",),
            (_RECORD, _PNR, _ADMITTED),
            last=2019,
        ),
        Table(
            "LPR_DIAG", ("Diagnoser på sygehuse til 2019", "Hospital diagnoses until 2019"), SPELLS, (),
            (_RECORD, _DIAGNOSIS),
            last=2019,
        ),
        Table(
            "LPR_A_KONTAKT", ("Kontakter med sygehuse fra 2019", "Hospital contacts from 2019"), SPELLS,
            ("DW_EK_KONTAKT",),
            (_CONTACT, _PNR, Column("KONT_STARTTIDSPUNKT", DAY, ("Kontaktens start", "Start of the contact"))),
            first=2019,
        ),
        Table(
            "LPR_A_DIAGNOSE", ("Diagnoser på sygehuse fra 2019", "Hospital diagnoses from 2019"), SPELLS, (),
            (_CONTACT, Column("DIAG_KODE", TEXT, _DIAGNOSIS.label)),
            first=2019,
        ),
        Table(
            "BUFO", ("Forebyggende foranstaltninger for børn", "Preventive measures for children"), SPELLS, (),
            (
                _PNR,
                Column("SAG_VFRA", DAY, ("Begyndt", "Begun")),
                Column("SAG_VTIL", DAY, ("Sluttet, tom mens den varer", "Ended, empty while it lasts"), needed=False),
            ),
        ),
        Table(
            "SIB", ("Stofmisbrugere i behandling", "Drug users in treatment"), SPELLS, (),
            (
                _PNR,
                _ENROLLED,
                Column("KUN_SUBSTITUTION", INTEGER,
                       ("1: kun substitutionsbehandling", "1: substitution treatment only")),
            ),
        ),
        Table("NAB", ("Alkoholbehandling", "Alcohol treatment"), SPELLS, (), (_PNR, _ENROLLED)),
        Table(
            "KRAF", ("Strafferetlige afgørelser", "Criminal decisions"), SPELLS, (),
            (
                _PNR,
                Column("AFG_AFGOEDTO", DAY, ("Afgørelsens dag", "Day of the decision")),
                Column("AFG_AFGTYP3", INTEGER, ("Afgørelsens type", "Type of the decision")),
                Column("AFG_GER7", INTEGER, ("Gerningskode, syv cifre", "Offence, seven digits")),
            ),
        ),
        Table(
            "PERBOLIG", ("Personernes boliger", "Dwellings of persons"), YEARLY, ("PNR",), (_PNR, _DWELLING),
        ),
        Table(
            "BOLIG", ("Boliger og deres beboere", "Dwellings and their residents"), YEARLY,
            ("DST_BOLIGERHVERVSENHED_ID",),
            (_DWELLING, Column("ANTAL_PERSONER", INTEGER, ("Beboere i boligen", "Residents of the dwelling"))),
        ),
        Table(
            "BBRENHED", ("Boligernes areal og værelser", "Area and rooms of dwellings"), YEARLY,
            ("DST_BOLIGERHVERVSENHED_ID",),
            (
                _DWELLING,
                Column("ENH_BEBOELSESAREAL", NUMBER, ("Beboelsesareal, m²", "Area for living, m²")),
                Column("ENH_ANTALVAERELSER", INTEGER, ("Værelser", "Rooms")),
            ),
        ),
        Table(
            "DAGI", ("Børn i dagtilbud til 2014", "Children in day care until 2014"), YEARLY, (),
            (_PNR, Column("LEGESTUE", INTEGER, ("1: legestue, 0: andre tilbud", "1: a playroom, 0: other day care"))),
            last=2014,
        ),
        Table(
            "BOERNFB", ("Børn i dagtilbud 2015-2021", "Children in day care 2015-2021"), YEARLY, (), (_PNR,),
            first=2015, last=2021,
        ),
        Table(
            "STARTER", ("Deltagere, der begyndte på en aktivitet", "Participants who started an activity"), LIST, (),
            (
                _PNR,
                Column("AKTIVITETSTYPE", TEXT, ("Aktivitetstype", "Type of activity")),
                Column("AAR", INTEGER, ("Året, de begyndte", "Year of the start")),
                Column("PLAN", TEXT, ("Helhedsplan", "Plan")),
            ),
        ),
        Table(
            "OMRAADER", ("Boligafdelinger og helhedsplaner", "Departments and plans"), LIST, ("AFDELING", "PLAN"),
            (
                Column("AFDELING", TEXT, ("Boligafdeling (ORG_NR-AFD_NR)", "Department (ORG_NR-AFD_NR)")),
                Column("PLAN", TEXT, ("Helhedsplan", "Plan")),
                Column("KOM", TEXT, ("Kommune", "Municipality")),
                Column("REGION", TEXT, ("Region", "Region")),
            ),
        ),
    )
}  # fmt: skip

# Tables, and columns as TABLE.COLUMN, that Statistics Denmark's catalogue doesn't have, and why they are read.
EXCEPTIONS: dict[str, str] = {
    "BEF.AFDELING": "Formed from BEF.ADRESSE_ID where somebody has done that already; else AFDELINGER says it.",
    "AFDELINGER": "Made from the package's area list and BEFADR: which of the register's addresses are a department's.",
    "AUDD": "A nomenclature, no register: Statistics Denmark publishes DISCED-15 as a list of codes.",
    "DAGI.LEGESTUE": "Formed from DAGI.YDELSE by the value set that comes with the register.",
    "SIB": "A register of the Danish Health Data Authority; the catalogue has the database behind it, SMDB_IBIB.",
    "NAB": "A register of the Danish Health Data Authority, ordered from there.",
    "STARTER": "The participants, as they come back from Statistics Denmark with its person ids.",
    "OMRAADER": "The areas, as they stand in the definition package.",
}
