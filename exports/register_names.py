"""The names of people in the register, for the linter to look for. Read one by one and kept as hashes only."""

from collections.abc import Iterator

from django.db.models import Model, QuerySet

from audit.recording import audited
from collection import identities
from collection.models import Identification
from consent import gate
from exports.linkage.known_names import KnownNames


def names_of(participants: QuerySet, about: Model | None = None) -> KnownNames:
    """Of those of `participants` (a query of ids) whose identity is held. `about`: what the reading is for."""
    with audited(by=None) as log:
        log("identity.names_compared", about)
    return KnownNames(identities.stream("name", _sealed(participants)))


def _sealed(participants: QuerySet) -> Iterator[tuple[bytes, bytes]]:
    for kind in Identification.values:
        for participant, name in gate.sealed_identities(participants, kind, ("name",)):
            if name is not None:  # with a CPR number a name is not needed
                yield participant, name
