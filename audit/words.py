"""Events in words: what each action code says, by the room it belongs to. An unknown code is shown as it stands."""

import json
import re
from typing import Any

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    _("Log ind og konti"): {
        "sign_in.done": _("Loggede ind"),
        "sign_in.failed": _("Forsøgte at logge ind med forkert adgangskode"),
        "sign_out.done": _("Loggede ud"),
        "user.created": _("Oprettede en konto"),
        "member.added": _("Gav en kollega en konto og adgang til planen"),
        "member.removed": _("Fjernede en kollegas adgang til planen"),
    },
    _("Planer og aktiviteter"): {
        "plans.loaded": _("Indlæste planer fra en fil"),
        "departments.loaded": _("Indlæste planens afdelinger fra en fil"),
        "activities.loaded": _("Indlæste planens aktiviteter fra en fil"),
        "activity.created": _("Oprettede en aktivitet"),
        "activity.changed": _("Rettede en aktivitet"),
        "headcount.estimated": _("Skønnede, hvor mange der deltog i et år"),
    },
    _("Deltagere og samtykke"): {
        "participant.enrolled": _("Registrerede en deltager med samtykke"),
        "participant.joined": _("Registrerede en kendt deltager i endnu en aktivitet"),
        "consent.counted": _("Ændrede antallet uden samtykke"),
        "consent.withdrawn": _("Registrerede, at et samtykke er trukket tilbage"),
        "consent.lapsed": _("Registrerede, at et samtykke er udløbet"),
        "texts.published": _("Offentliggjorde samtykketekster"),
        "text.published": _("Offentliggjorde en samtykketekst"),
    },
    _("Læsning af personoplysninger"): {
        "identity.read": _("Læste en fuld personoplysning"),
        "identity.shown": _("Så en deltagers side"),
        "identity.listed": _("Så en liste med navne"),
        "identity.age": _("Slog en deltagers fødselsdato op for at vurdere samtykket"),
    },
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SENTENCES = {code: sentence for group in ACTIONS.values() for code, sentence in group.items()}

DETAILS = {
    "basis": _("grundlag"),
    "change": _("ændring"),
    "changed": _("rettet"),
    "count": _("antal"),
    "created": _("oprettet"),
    "estimate": _("skøn"),
    "field": _("oplysning"),
    "identification": _("kendt ved"),
    "method": _("måde"),
    "outcome": _("udfald"),
    "purpose": _("formål"),
    "reason": _("begrundelse"),
    "role": _("rolle"),
    "text": _("tekst"),
    "type": _("type"),
    "year": _("år"),
}

VALUES = {
    "counted": _("optalt"),
    "cpr": _("CPR-nummer"),
    "digital": _("digitalt"),
    "list": _("deltagerlister"),
    "memory": _("hukommelse"),
    "name_address": _("navn og adresse"),
    "not_asked": _("ikke spurgt"),
    "not_reached": _("ikke truffet"),
    "oral_witness": _("mundtligt med vidne"),
    "paper": _("papir"),
    "refused": _("sagde nej"),
    "name": _("navn"),
    "birth_date": _("fødselsdato"),
    "address": _("adresse"),
    "residence_date": _("dato for bopæl"),
    "contact": _("kontakt"),
    "correct": _("rettelse"),
    "identify": _("skelne mellem to personer"),
    "request": _("personens eget ønske"),
    "staff": _("medarbejder"),
    "coordinator": _("koordinator"),
    "evaluator": _("evaluator"),
    "controller": _("dataansvarlig"),
}


def sentence(action: str) -> str:
    return str(_SENTENCES.get(action, action))


def choices() -> list[tuple[str, Any]]:
    """The known actions for a select, in groups."""
    return [(str(room), list(codes.items())) for room, codes in ACTIONS.items()]


def details(text: str) -> str:
    """The codes and counts of an event (JSON) on one line, "år 2016, skøn 12"; ids say nothing to a reader."""
    told = {key: value for key, value in json.loads(text).items() if value != "" and not _ID.fullmatch(str(value))}
    return ", ".join(f"{DETAILS.get(key, key)} {VALUES.get(str(value), value)}" for key, value in told.items())
