"""Events in words: what each action code says, by the room it belongs to. An unknown code is shown as it stands."""

import json
import re
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    _("Adgang og konti"): {
        "sign_in.done": _("Loggede ind"),
        "sign_in.failed": _("Nogen forsøgte forgæves at logge ind"),
        "sign_in.connected": _("Forbandt kontoen med et login andetsteds"),
        "sign_out.done": _("Loggede ud"),
        "session.ended": _("Blev logget ud, eller loggede ud et andet sted"),
        "password.changed": _("Skiftede adgangskode"),
        "second_factor.added": _("Tilføjede en godkendelsesapp eller adgangsnøgle"),
        "second_factor.removed": _("Fjernede en godkendelsesapp eller adgangsnøgle"),
        "recovery_codes.made": _("Lavede nye reservekoder"),
        "recovery_code.used": _("Brugte en reservekode"),
        "user.created": _("Oprettede en konto"),
        "invitation.issued": _("Inviterede en kollega med et link"),
        "invitation.accepted": _("Tog imod en invitation og valgte en adgangskode"),
        "member.added": _("Gav en medarbejder adgang til planen"),
        "member.removed": _("Fjernede en medarbejders adgang til planen"),
        "user.closed": _("Lukkede en konto"),
        "user.left": _("Registrerede, at en kollega er fratrådt"),
    },
    _("Planer og aktiviteter"): {
        "plans.loaded": _("Indlæste planer fra en fil"),
        "plan.contact_changed": _("Rettede planens kontakt"),
        "departments.loaded": _("Indlæste planens boligafdelinger fra en fil"),
        "activities.loaded": _("Indlæste planens aktiviteter fra en fil"),
        "activity.created": _("Oprettede en aktivitet"),
        "activity.changed": _("Rettede en aktivitet"),
        "activity.handed_over": _("Overdrog en aktivitet til en anden medarbejder"),
        "headcount.estimated": _("Skønnede, hvor mange der deltog i et år"),
    },
    _("Deltagere og samtykke"): {
        "participant.enrolled": _("Registrerede en deltager med samtykke"),
        "participant.joined": _("Registrerede en kendt deltager i endnu en aktivitet"),
        "consent.counted": _("Ændrede antallet uden samtykke"),
        "rates.taken": _("Hentede en tabel over samtykke som fil"),
        "consent.withdrawn": _("Registrerede, at et samtykke er trukket tilbage"),
        "namesake.asked": _("Spurgte den dataansvarlige, om en person i en anden plan er den samme"),
        "consent.refused": _("Registrerede et nej, da en deltager blev spurgt igen"),
        "consent.renewed": _("Registrerede et nyt samtykke fra en deltager"),
        "consent.lapsed": _("Samtykker er udløbet"),
        "identity.erased": _("Slettede personoplysninger, fordi samtykket udløb for et halvt år siden"),
        "proof.added": _("Tilføjede en underskrevet blanket eller underskrift"),
        "proof.read": _("Hentede en underskrevet blanket eller underskrift"),
        "proof.deleted": _("Slettede en underskrevet blanket eller underskrift efter fristen"),
        "screen.started": _("Gav enheden til en deltager, der blev spurgt på skærmen"),
        "screen.answered": _("En deltager svarede på skærmen"),
        "screen.ended": _("Låste enheden op, efter at en deltager havde haft den"),
        "screen.deleted": _("Slettede et ja fra skærmen, som ingen blev registreret med"),
        "doubt.settled": _("Så en deltagers oplysninger efter og fandt dem rigtige"),
        "participant.corrected": _("Rettede en deltagers oplysninger"),
        "participant.number_added": _("Tilføjede et CPR-nummer til en deltager"),
        "participant.merged": _("Slog to registreringer af en deltager sammen"),
        "namesake.settled": _("Afgjorde, om en person i en anden plan er den samme"),
        "person.found": _("Søgte en person frem"),
        "person.not_found": _("Søgte en person, som ikke er registreret"),
        "registered.told": _("Fik at vide, at en person allerede er registreret i planen"),
        "registered.not_found": _("Slog op, om en person er registreret i planen: det er personen ikke"),
        "text.drafted": _("Begyndte en kladde til samtykketekster"),
        "text.saved": _("Rettede en kladde til en samtykketekst"),
        "text.language_removed": _("Slettede et sprog i en kladde til samtykketekster"),
        "text.draft_deleted": _("Slettede en kladde til samtykketekster"),
        "text.published": _("Offentliggjorde en samtykketekst"),
        "text.ended": _("Tog en samtykketekst ud af brug"),
        "text.lapses": _("Fastsatte, fra hvilken dag samtykker til en tekst ikke længere gælder"),
    },
    _("Indlæsning af regneark"): {
        "import.uploaded": _("Sendte et regneark til indlæsning"),
        "import.read": _("Læste et regneark"),
        "import.refused": _("Kunne ikke læse et regneark"),
        "import.sheet_chosen": _("Valgte et ark"),
        "import.matched": _("Valgte kolonner og satte kontrollen i gang"),
        "import.activities_matched": _("Valgte, hvilke aktiviteter navne i regnearket står for"),
        "import.compared": _("Sammenlignede et regneark med planens registrerede deltagere"),
        "import.compared_more": _("Sammenlignede et regneark med planens registrerede deltagere (fortsat)"),
        "import.rows_shown": _("Så rækker i et regneark"),
        "import.row_corrected": _("Rettede en række i et regneark"),
        "import.row_left_out": _("Udelod en række i et regneark"),
        "import.row_taken_in": _("Tog en udeladt række med igen"),
        "import.confirmed": _("Bekræftede oplysninger i et regneark"),
        "import.zeros_restored": _("Lagde foranstillede nuller på CPR-numre igen"),
        "import.asked_to_write": _("Satte indlæsningen af et regneark i gang"),
        "import.sent_back": _("Indlæsningen stoppede, fordi noget var ændret"),
        "import.written": _("Indlæste et regneark"),
        "import.deleted": _("Slettede et regneark, der ikke er indlæst"),
        "participant.imported": _("Registrerede deltagere med samtykke fra et regneark"),
    },
    _("Læsning af personoplysninger"): {
        "identity.read": _("Læste en deltagers personoplysning"),
        "identity.shown": _("Så en deltagers side"),
        "identity.listed": _("Så en liste med navne"),
        "identity.age": _("Slog en deltagers fødselsdato op for at vurdere samtykket"),
        "identity.ages_read": _("Læste deltageres fødselsdatoer til en leverance"),
        "identity.names_compared": _("Så efter, om deltageres navne stod i en leverances filer"),
        "identity.exported": _("Skrev deltageres personoplysninger i en leverance"),
    },
    _("Projekter og leverancer"): {
        "project.created": _("Oprettede et evalueringsprojekt"),
        "project.changed": _("Rettede et evalueringsprojekt"),
        "project.terms_changed": _("Ændrede, hvad et evalueringsprojekts filer må indeholde"),
        "project.evaluator_left": _("Fjernede en evaluator, der er fratrådt, fra et evalueringsprojekt"),
        "project.another_group_allowed": _("Tillod et evalueringsprojekt at få endnu en sammenligningsgruppe"),
        "package.taken": _("Hentede en definitionspakke"),
        "project.ended": _("Afsluttede et evalueringsprojekt og slettede dets nøgle og koder"),
        "pseudonym.looked_up": _("Slog op, hvem en kode hører til"),
        "pseudonym.not_found": _("Slog en kode op, som ingen i projektet har"),
        "delivery.requested": _("Bestilte leverancen"),
        "delivery.requested_again": _("Bestilte leverancen igen efter en fejl"),
        "delivery.prepared": _("Samlede og fastlåste leverancens data"),
        "delivery.brought_up_to_date": _("Førte de viste modtagere og ændringer siden sidste leverance ajour"),
        "delivery.approved": _("Godkendte leverancen"),
        "delivery.rejected": _("Afviste leverancen"),
        "delivery.cancelled": _("Annullerede leverancen"),
        "delivery.changed_since_approval": _("Opdagede, at leverancens data var ændret efter godkendelsen"),
        "delivery.built_again": _("Fik filerne dannet igen uden dem, hvis samtykke er ophørt"),
        "delivery.built": _("Dannede og forseglede leverancens filer"),
        "delivery.failed": _("Kunne ikke danne leverancen"),
        "delivery.expired": _("Slettede leverancens filer efter fristen"),
        "comparison_group.reduced": _("Slettede dem i en gemt sammenligningsgruppe, hvis samtykke er ophørt"),
        "delivery.deletion_reported": _("Meldte, at leverancens filer er slettet hos modtageren"),
        "recipient.added": _("Tilføjede en modtagers nøgle"),
        "recipient.confirmed": _("Bekræftede en modtagers nøgle"),
        "recipient.revoked": _("Tilbagekaldte en modtagers nøgle"),
        "archive.link_issued": _("Fik et link til leverancens filer, der virker én gang"),
        "archive.fetched": _("Hentede leverancens filer"),
        "recalls.fetched": _("Hentede projektets liste over tilbagekaldte koder"),
        "recalls.acknowledged": _("Bekræftede, at tilbagekaldte personer er slettet"),
        "archive.copied": _("Kopierede leverancens filer fra kommandolinjen"),
    },
    _("Beboerlister"): {
        "extract.uploaded": _("Sendte en beboerliste til indlæsning"),
        "extract.loaded": _("Indlæste en beboerliste"),
        "extract.refused": _("Afviste en beboerliste med fejl"),
        "extract.deleted": _("Slettede en beboerliste"),
    },
    _("Loggen"): {
        "log.person_read": _("Så loggen over en deltager"),
        "log.taken": _("Hentede et udtræk af loggen som fil"),
        "audit.checked": _("Kontrollerede hele loggen"),
        "audit.restored": _("Tog en ældre kopi af databasen i brug"),
    },
    _("Nøgler og sikkerhedskopier"): {
        "key.rotation_started": _("Begyndte at skifte en nøgle"),
        "key.rotated": _("Skiftede en nøgle"),
        "key.retired": _("Slettede gamle nøgler, som intet længere havde brug for"),
        "kek.changed": _("Skiftede hovednøglen"),
        "kek.forgotten": _("Slettede den gamle hovednøgle"),
        "backup.made": _("Tog en sikkerhedskopi"),
        "backup.restored": _("Genskabte systemet fra en sikkerhedskopi"),
        "identity.erased_again": _("Slettede igen personoplysninger, som en sikkerhedskopi havde bragt tilbage"),
    },
    _("Demonstration"): {
        "demo.filled": _("Fyldte demonstrationen med opdigtede data"),
    },
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}")  # UUIDs and hashes
_SENTENCES = {code: sentence for group in ACTIONS.values() for code, sentence in group.items()}

# Somebody saw, or was told, something of the persons whom the event concerns.
READINGS = frozenset(
    {
        *("identity.read", "identity.shown", "identity.listed", "identity.age", "identity.ages_read"),
        *("identity.names_compared", "identity.exported", "proof.read", "person.found", "registered.told"),
        *("import.compared", "import.compared_more", "import.rows_shown", "pseudonym.looked_up", "log.person_read"),
        "log.taken",
    }
)

DETAILS = {
    "activities": _("aktiviteter"),
    "audience": _("henvendt til"),
    "answer": _("svar"),
    "basis": _("grundlag"),
    "change": _("ændring"),
    "changed": _("rettet"),
    "code": _("kode"),
    "count": _("antal"),
    "created": _("oprettet"),
    "day": _("dag"),
    "delete_on": _("slettes"),
    "dst_number": _("nr. hos Danmarks Statistik"),
    "entry": _("kontrolpunkt"),
    "estimate": _("skøn"),
    "faults": _("fejl"),
    "field": _("oplysning"),
    "identification": _("kendt ved"),
    "key": _("nøgle"),
    "kind": _("slags"),
    "language": _("sprog"),
    "kept": _("bevaret til og med nr."),
    "left_out": _("udeladt"),
    "lost": _("mistet, højst"),
    "method": _("måde"),
    "outcome": _("udfald"),
    "participants": _("deltagere"),
    "participations": _("deltagelser"),
    "persons": _("personer"),
    "purpose": _("formål"),
    "reader": _("modtager"),
    "reason": _("begrundelse"),
    "role": _("rolle"),
    "rows": _("rækker"),
    "signed": _("underskrevet"),
    "table": _("tabel"),
    "text": _("tekst"),
    "type": _("type"),
    "variables": _("variabler"),
    "version": _("udgave"),
    "way": _("måde"),
    "why": _("årsag"),
    "year": _("år"),
}

VALUES = {
    "password": _("adgangskode"),
    "totp": _("engangskode"),
    "webauthn": _("adgangsnøgle"),
    "recovery_codes": _("reservekode"),
    "socialaccount": _("login andetsteds"),
    "idle": _("ikke brugt længe"),
    "age": _("længste tid nået"),
    "asked": _("på eget ønske"),
    "counted": _("optalt"),
    "cpr": _("CPR-nummer"),
    "adult": _("voksen"),
    "youth": _("15-17 år"),
    "guardian": _("forælder eller værge"),
    "evaluation": _("evaluering"),
    "linkage": _("kobling"),
    "comparison": _("sammenligning"),
    "officer": _("dataansvarlig"),
    "digital": _("digitalt"),
    "scan": _("scanning eller foto"),
    "signature": _("underskrift"),
    "list": _("deltagerlister"),
    "memory": _("hukommelse"),
    "name_address": _("navn og adresse"),
    "not_asked": _("ikke spurgt"),
    "not_reached": _("ikke truffet"),
    "oral_witness": _("mundtligt med vidne"),
    "paper": _("papir"),
    "phone": _("telefon"),
    "video": _("video"),
    "in_person": _("ansigt til ansigt"),
    "letter": _("brev"),
    "own": _("egen nøgle"),
    "no": _("nej"),
    "yes": _("ja"),
    "refused": _("sagde nej"),
    "name": _("navn"),
    "birth_date": _("fødselsdato"),
    "address": _("adresse"),
    "residence_date": _("dato for bopæl"),
    "contact": _("kontakt"),
    "correct": _("rettelse"),
    "identify": _("skelne mellem to personer"),
    "request": _("personens eget ønske"),
    "question": _("evaluators spørgsmål"),
    "not_linked": _("kunne ikke kobles"),
    "deletion": _("sletning"),
    "staff": _("medarbejder"),
    "coordinator": _("koordinator"),
    "evaluator": _("evaluator"),
    "controller": _("dataansvarlig"),
}


def sentence(action: str) -> str:
    return str(_SENTENCES.get(action, action))


def choices(without: Collection[str] = ()) -> list[tuple[str, Any]]:
    """The known actions for a select, in groups."""
    rooms = {
        str(room): [(code, text) for code, text in codes.items() if code not in without]
        for room, codes in ACTIONS.items()
    }
    return [(room, codes) for room, codes in rooms.items() if codes]


def details(text: str) -> str:
    """The codes and counts of an event (JSON) on one line, "år 2016, skøn 12"; ids say nothing to a reader."""
    told = {key: value for key, value in json.loads(text).items() if value != "" and not _ID.fullmatch(str(value))}
    return ", ".join(f"{DETAILS.get(key, key)} {_in_words(str(value))}" for key, value in told.items())


def _in_words(value: str) -> str:
    """A code, or several with a comma between them."""
    return ", ".join(str(VALUES.get(code, code)) for code in value.split(", "))
