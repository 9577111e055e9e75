"""Danish words for what the fields of the models hold: records of processing are read by people who read no code.

`TABLES` names each table with a field that says something of people: what it is, whom it is about, and when it goes.
`WORDS` names such fields. A test fails when one is missing; only Danish, as the documents are.
"""

from django.conf import settings

from consent.actions.lapse import HELD_FOR_MONTHS
from exports.field_classes import FieldClass
from spreadsheets.actions.files import KEPT as SPREADSHEET_KEPT

PARTICIPANTS, GUARDIANS, STAFF, RESIDENTS = (
    "deltagere",
    "forældre og værger (kun relationen)",
    "medarbejdere og modtagere",
    "beboere",
)
NOBODY = "ingen personer alene"

CLASSES = {
    FieldClass.IDENTITY: "Siger, hvem det er",
    FieldClass.QUASI: "Kan sammen med andet pege på en person",
    FieldClass.CODE: "Kode, der siger lidt om, hvem det er",
}

WORDS = {
    "address": "adresse",
    "age_from": "målgruppens yngste alder",
    "age_to": "målgruppens ældste alder",
    "alike": "søgenøgle for adresse",
    "answer": "svar",
    "audience": "hvem teksten er til",
    "birth_date": "fødselsdato",
    "code": "kode",
    "code_index": "søgenøgle for pseudonym",
    "contact_email": "kontaktens e-mail",
    "contact_name": "kontaktens navn",
    "contact_phone": "kontaktens telefon",
    "cpr": "CPR-nummer",
    "cpr_index": "søgenøgle for CPR-nummer",
    "decided_on": "dag for svaret",
    "department_number": "afdelingens nummer",
    "end": "sluttede",
    "fresh": "ny søgenøgle",
    "full_name": "navn",
    "group": "aktivitetens gruppe",
    "guardian_relation": "hvem der svarede for barnet",
    "house_from": "husnumre fra",
    "house_to": "husnumre til",
    "identification": "hvad personen er kendt på",
    "kind": "slags",
    "language": "tekstens sprog",
    "lapses_on": "barnets 18-års dag",
    "layout": "de første rækker, som de stod i filen",
    "lbf_number": "LBF-nummer",
    "lookup": "søgenøgle for person i projektet",
    "method": "hvordan der blev svaret",
    "municipality_code": "kommune",
    "name": "navn",
    "name_birth_index": "søgenøgle for navn og fødselsdato",
    "name_da": "navn på dansk",
    "name_en": "navn på engelsk",
    "number": "nummer",
    "oidc_subject": "kontonummer hos login-tjenesten",
    "old": "tidligere søgenøgle",
    "organisation_number": "boligorganisationens nummer",
    "outcome": "svaret på anmodningen",
    "person": "søgenøgle for person",
    "person_before": "søgenøgle efter en ældre nøgle",
    "reason": "grund til at trække samtykket tilbage",
    "record": "hele rækken",
    "residence_date": "dag, personen boede på adressen",
    "role": "rolle",
    "same": "om to er samme person",
    "sealed": "pseudonym",
    "signature": "underskrift",
    "start": "begyndte",
    "start_precision": "hvor nøjagtigt begyndelsen kendes",
    "street_code": "vejkode",
    "theme": "tema",
    "type": "aktivitetens slags",
    "username": "brugernavn",
}


def tables() -> dict[str, tuple[str, str, str]]:
    """(what it is, whom it is about, when it goes) by model."""
    erased = (
        f"Når samtykket trækkes tilbage: straks. Når det udløber: efter {HELD_FOR_MONTHS} måneder. Ellers på "
        f"helhedsplanens dag, som er {settings.RETENTION_YEARS} år efter planens slutning, hvis ingen anden er sat"
    )
    counts = "Bevares som tal uden identitet"
    sheet = f"Når filen er indlæst eller slettet, senest efter {SPREADSHEET_KEPT.days} dage"
    return {
        "collection.Participant": ("Registrerede deltagere", PARTICIPANTS, erased),
        "collection.Participation": ("Forløb", PARTICIPANTS, counts),
        "consent.Decision": ("Svar om samtykke", f"{PARTICIPANTS}, {GUARDIANS}", counts),
        "consent.ScreenAnswer": (
            "Svar og underskrift på skærm",
            PARTICIPANTS,
            "Når det er registreret, senest et døgn",
        ),
        "consent.PossiblySame": ("Spørgsmål om, hvem der er samme person", PARTICIPANTS, counts),
        "rights.Request": ("Anmodninger fra registrerede", PARTICIPANTS, "Bevares uden identitet som dokumentation"),
        "exports.Pseudonym": (
            "Pseudonymer",
            PARTICIPANTS,
            "Når evalueringsprojektet slutter: nøgle og koder destrueres",
        ),
        "spreadsheets.Spreadsheet": ("Regneark, der indlæses", PARTICIPANTS, sheet),
        "spreadsheets.Row": ("Rækker i regneark", PARTICIPANTS, sheet),
        "spreadsheets.Prepared": ("Rækker, der er klar til indlæsning", PARTICIPANTS, sheet),
        "spreadsheets.Gone": ("Hvis samtykke ophørte, mens en fil ventede", PARTICIPANTS, sheet),
        "operations.NewIndex": ("Søgenøgler under et nøgleskift", PARTICIPANTS, "Når skiftet er færdigt"),
        "accounts.User": ("Brugere", STAFF, "Kontoen lukkes ved fratrædelse; navnet bevares, så loggen kan læses"),
        "exports.Recipient": ("Modtageres nøgler", STAFF, "Bevares som dokumentation for, hvem filer er forseglet til"),
        "collection.Plan": ("Helhedsplaner og deres kontakt", STAFF, "Rettes, når kontakten skifter"),
        "collection.Department": ("Boligafdelinger", NOBODY, "Bevares"),
        "collection.AddressKey": ("Afdelingers veje og husnumre", NOBODY, "Bevares"),
        "collection.ActivityType": ("Slags af aktiviteter", NOBODY, "Bevares"),
        "collection.Activity": ("Aktiviteter", NOBODY, "Bevares"),
        "consent.Document": ("Samtykketeksters målgruppe", NOBODY, "Bevares"),
        "consent.Version": ("Samtykketeksters udgaver", NOBODY, "Bevares"),
        "consent.Text": ("Samtykketekster", NOBODY, "Bevares"),
    }
