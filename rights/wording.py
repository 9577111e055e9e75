"""Erasing in words: jobs, steps, and what certificates count."""

from django.utils.translation import gettext_lazy

from exports.models import Job
from exports.wording import Text

JOBS: dict[str, Text] = {Job.Kind.ERASE: gettext_lazy("Sletning på sin dato")}
STEPS: dict[str, Text] = {
    "erase_people": gettext_lazy("Sletter, hvem deltagerne er"),
    "certify": gettext_lazy("Skriver attesten"),
    "end_project": gettext_lazy("Sletter projektets nøgle, koder og filer"),
}
# On a certificate: what it counts, in this order.
COUNTS: dict[str, Text] = {
    "people": gettext_lazy("Personer, hvis CPR-nummer, navn, fødselsdato og adresse er slettet"),
    "proofs": gettext_lazy("Underskrevne blanketter og underskrifter, der er slettet"),
    "participations": gettext_lazy("Forløb, der er bevaret uden navn, til statistik"),
    "decisions": gettext_lazy("Svar om samtykke, der er bevaret uden navn, til statistik"),
    "held_back": gettext_lazy(
        "Personer, der ikke er slettet, fordi deres oplysninger er begrænset til opbevaring, "
        "eller fordi de venter på svar på en anmodning"
    ),
    "deliveries": gettext_lazy("Leverancer med nogle af personerne, som modtagere har endnu"),
    "codes": gettext_lazy("Koder (pseudonymer), der er slettet"),
    "project_deliveries": gettext_lazy("Leverancer, hvis filer er slettet her, og som modtagerne har meldt slettet"),
}
