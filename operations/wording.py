"""Keys, jobs and steps in words."""

from django.utils.translation import gettext_lazy

from exports.models import Job
from exports.wording import Text

JOBS: dict[str, Text] = {Job.Kind.ROTATE_KEY: gettext_lazy("Nøglen skiftes")}
STEPS: dict[str, Text] = {
    "wait_for_keys": gettext_lazy("Venter, til alle dele af systemet kender den nye nøgle"),
    "rotate_key": gettext_lazy("Krypterer oplysningerne med den nye nøgle"),
    "rotate_index": gettext_lazy("Beregner nye søgenøgler"),
    "put_in_place": gettext_lazy("Tager de nye søgenøgler i brug"),
}
FAILURES: dict[str, Text] = {
    "two_of_one_person": gettext_lazy(
        "Den samme person er registreret to gange i en helhedsplan. Saml de to registreringer, og fortsæt så skiftet."
    ),
}
# What a key is for, by its purpose.
PURPOSES: dict[str, Text] = {
    "field:participant.cpr": gettext_lazy("Deltageres CPR-numre"),
    "field:participant.name": gettext_lazy("Deltageres navne"),
    "field:participant.birth_date": gettext_lazy("Deltageres fødselsdatoer"),
    "field:participant.address": gettext_lazy("Deltageres adresser"),
    "field:participant.residence_date": gettext_lazy("Datoer for deltageres bopæl"),
    "field:screen_answer.signature": gettext_lazy("Underskrifter på skærm, der venter"),
    "field:spreadsheet.row": gettext_lazy("Rækker i regneark, der indlæses"),
    "field:spreadsheet.layout": gettext_lazy("Overskrifter i regneark, der indlæses"),
    "field:spreadsheet.match": gettext_lazy("Valg af kolonner i regneark"),
    "field:extract.run_key": gettext_lazy("Beboerlisters egne nøgler"),
    "index:participant.cpr": gettext_lazy("Søgning efter CPR-nummer"),
    "index:participant.name_birth": gettext_lazy("Søgning efter navn og fødselsdato"),
    "index:spreadsheet.alike": gettext_lazy("Sammenligning af adresser i regneark"),
    "field:second_factor.secret": gettext_lazy("Engangskoder og reservekoder til login"),
    "archive": gettext_lazy("Filer til leverancer og indlæsning"),
    "proof": gettext_lazy("Underskrevne samtykker"),
    "audit": gettext_lazy("Loggens kæde"),
    "audit.witness": gettext_lazy("Loggens vidne uden for databasen"),
}
