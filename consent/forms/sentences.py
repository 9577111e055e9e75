"""What the enrolment form says: its choices, and the sentences at its fields."""

from django.utils.translation import gettext_lazy as _

from collection.cpr import CprWarning
from collection.models import Identification
from consent.models import Audience

AUDIENCES = [
    (Audience.ADULT, _("Personen selv, 18 år eller derover")),
    (Audience.YOUTH, _("Personen selv, 15-17 år")),
    (Audience.GUARDIAN, _("Forælder eller værge, for et barn under 15 år")),
]
IDENTIFICATIONS = [
    (Identification.CPR, _("CPR-nummer")),
    (Identification.NAME_ADDRESS, _("Navn, fødselsdato og adresse")),
]
BIRTH_DATE_WARNINGS = {
    CprWarning.OVER_110: _("Personen er over 110 år efter fødselsdatoen. Se efter, og bekræft fødselsdatoen."),
    CprWarning.OUTSIDE_TARGET: _(
        "Personens alder ligger uden for aktivitetens målgruppe. Se efter, og bekræft fødselsdatoen."
    ),
}
MISSING = {
    "name": _("Skriv personens navn."),
    "birth_date": _("Skriv fødselsdatoen."),
    "address": _("Skriv adressen."),
    "residence_date": _("Skriv en dato, hvor personen boede på adressen."),
}
REFUSALS = {
    "already_in_activity": ("start", _("Personen er allerede registreret i aktiviteten med denne startdato.")),
    "text_not_published": ("wording", _("Teksten er netop taget ud af brug. Vælg en anden.")),
    "consent_lapsed": (
        "decided_on",
        _("Samtykket er udløbet, fordi barnet siden er fyldt 18 år. Spørg personen selv."),
    ),
    "decided_before_latest": (
        "decided_on",
        _("Personen har svaret igen efter den dag. Det seneste svar gælder; er det udløbet, så spørg personen igen."),
    ),
    "decided_in_future": ("decided_on", _("Datoen ligger i fremtiden.")),
    "erased": (None, _("Personens oplysninger er netop slettet. Svaret er ikke gemt.")),
    "answer_unusable": (None, _("Svaret fra skærmen er allerede brugt, eller det er slettet. Spørg personen igen.")),
}
REQUIRED = {
    "audience": _("Vælg, hvem der giver samtykke."),
    "wording": _("Vælg det sprog, teksten var på."),
    "method": _("Vælg, hvordan samtykket blev givet."),
    "decided_on": _("Skriv datoen for samtykket."),
    "obtained_by": _("Vælg den medarbejder, der tog imod samtykket."),
    "identification": _("Vælg, om du har CPR-nummeret."),
    "start": _("Skriv mindst årstallet."),
    "role": _("Vælg personens rolle."),
}
