"""The one door through which a decrypted identity leaves the database. Every passage is audited.

`read` for one person's field with a reason, `names` for a list on a page (one batch, one event), `stream` for
exports. No other module opens a participant's boxes; an import contract says so.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.recording import audited
from collection import cpr as cpr_rules
from collection.models.participants import Identification, Participant
from crypto.opening import open_many, open_one
from crypto.secret import Secret


class Reason(models.TextChoices):
    """Why staff read a full CPR number: a code, never free text."""

    CONTACT = "contact", _("Jeg skal kontakte personen")
    CORRECT = "correct", _("Jeg skal rette en oplysning")
    IDENTIFY = "identify", _("Jeg skal skelne mellem to personer")
    REQUEST = "request", _("Personen har bedt om at se sine oplysninger")


FIELDS = ("cpr", "name", "birth_date", "address", "residence_date")


def read(participant: Participant, field: str, *, by: Any, reason: Reason) -> Secret | None:
    """One field of one person, in clear, or None if it is not held. Raises crypto.errors on a damaged record."""
    with audited(by=by) as log:
        log(
            "identity.read",
            participant,
            plan=participant.plan_id,
            subjects=[participant.pk],
            field=field,
            reason=Reason(reason).value,
        )
        return _open(participant, field)


def read_all(participant: Participant, *, by: Any) -> dict[str, str]:
    """What the person's own page shows to staff of the plan: every field, the CPR number masked.

    Keys as FIELDS; only those that are held. Audited as one reading.
    """
    return read_all_of([participant], by=by)[participant.pk]


def read_all_of(participants: Iterable[Participant], *, by: Any) -> dict[UUID, dict[str, str]]:
    """As `read_all` for people who are shown beside each other, by participant id: a reading of each."""
    found: dict[UUID, dict[str, str]] = {}
    with audited(by=by) as log:
        for row in participants:
            log("identity.shown", row, plan=row.plan_id, subjects=[row.pk])
            found[row.pk] = {name: secret.reveal() for name in FIELDS if (secret := _open(row, name))}
    for values in found.values():
        if "cpr" in values:
            values["cpr"] = cpr_rules.mask(values["cpr"])
    return found


def names(participants: Iterable[Participant], *, by: Any, plan: Any = "") -> dict[UUID, str]:
    """Names for a list on a page, by participant id; who has no name is shown by their masked number.

    The event is of the plan that they all belong to, when they do.
    """
    rows = list(participants)
    if not rows:
        return {}
    plans = {row.plan_id for row in rows}
    plan = plan or (plans.pop() if len(plans) == 1 else "")
    with audited(by=by) as log:
        log("identity.listed", plan=plan, subjects=[row.pk for row in rows], count=len(rows))
        named = [row for row in rows if row.name is not None]
        unnamed = [row for row in rows if row.name is None and row.cpr is not None]
        found = dict(zip((row.pk for row in named), _open_all("name", named), strict=True))
        numbers = zip(unnamed, _open_all("cpr", unnamed), strict=True)
        return found | {row.pk: cpr_rules.mask(number) for row, number in numbers}


def birth_date_of(participant: Participant, *, by: Any) -> date:
    """The birth date, from the CPR number where there is one; needed to judge whose consent is asked for."""
    with audited(by=by) as log:
        log("identity.age", participant, plan=participant.plan_id, subjects=[participant.pk])
        if participant.identification == Identification.CPR:
            number = _open(participant, "cpr")
            assert number is not None
            return cpr_rules.birth_date_of(number.reveal())
        born = _open(participant, "birth_date")
        assert born is not None
        return date.fromisoformat(born.reveal())


def stream(field: str, rows: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Plain values of (row id as 16 bytes, record) pairs, in order, for exports.

    The export records the reading itself, in the transaction that ends it: its ledger names the persons.
    """
    return open_many(f"participant.{field}", rows)


def _open(participant: Participant, field: str) -> Secret | None:
    if field not in FIELDS:
        raise ValueError("not an identity field")
    sealed = getattr(participant, field)
    return None if sealed is None else open_one(f"participant.{field}", participant.pk, sealed.record)


def _open_all(field: str, rows: list[Participant]) -> Iterator[str]:
    return open_many(f"participant.{field}", ((row.pk.bytes, getattr(row, field).record) for row in rows))
