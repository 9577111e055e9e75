"""A project's pseudonyms: one code per person, found again at each delivery through the project's key.

A person is one or more participant rows (one per plan). Each row's mapping holds the same code. Rows that turn out to
be one person only after each had its code come to have one, and the code that a row had earlier is kept beside it: it
stands in files that were given out, so recalls need it. So do those whose numbers a correction told apart. Without the
project's key the mapping rows say nothing:
look-ups are keyed, contents sealed.
"""

import hmac
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Count

from consent import gate
from crypto.errors import KeyUnavailable
from exports import bulk, project_keys
from exports.models import EvaluationProject, Pseudonym
from exports.pseudonyms import new_codes

AT_ONCE = 5000
COLUMNS = {"project_id": "uuid", "lookup": "bytea", "code_index": "bytea", "sealed": "bytea"}


class ProjectCodes:
    """Raises KeyUnavailable when the project has ended or its key is gone."""

    def __init__(self, project: EvaluationProject):
        if project.ended_at is not None:  # also where somebody has put a copy of the key back
            raise KeyUnavailable("The evaluation project has ended.")
        material = project_keys.load(project.pk)
        self.project = project
        self._index_key, self._aead = material[:32], AESGCM(material[32:])

    def rows_key(self) -> bytes:
        """For digests of what a data file says of somebody (linkage.digests); finds and opens nothing."""
        return hmac.digest(self._index_key, b"rows", "sha256")

    def person_digest(self, number: str) -> bytes:
        """Of 8 bytes, by which somebody's CPR number is known again in this project, whatever keys the site has by
        then; finds and opens nothing."""
        return hmac.digest(self._index_key, b"n" + number.encode(), "sha256")[:8]

    def _lookup(self, participant: bytes, earlier: int = 0) -> bytes:
        """Of the participant's code, or of one that it had earlier: the first, the second …"""
        place = b"p" if not earlier else b"e" + earlier.to_bytes(2, "big")
        return hmac.digest(self._index_key, place + participant, "sha256")[:16]

    def _code_index(self, code: str) -> bytes:
        return hmac.digest(self._index_key, b"c" + code.encode(), "sha256")[:16]

    def _seal(self, lookup: bytes, participant: bytes, code: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, participant + code.encode(), lookup)

    def _open(self, lookup: bytes, sealed: bytes) -> tuple[UUID, str]:
        plain = self._aead.decrypt(sealed[:12], sealed[12:], lookup)
        return UUID(bytes=plain[:16]), plain[16:].decode()

    def codes_for(self, persons: Sequence[Sequence[UUID]]) -> list[str]:
        """The code of each person, given as the ids of their participant rows; new ones are made and kept.

        Call it inside a transaction, with some thousands of persons at a time. One project's codes are made one call
        after the other, so that two deliveries at the same time give a person one code, and no code to two persons.
        Raises KeyUnavailable when the project has ended meanwhile.
        """
        if EvaluationProject.objects.select_for_update().get(pk=self.project.pk).ended_at is not None:
            raise KeyUnavailable("The evaluation project has ended.")
        lookups = [[self._lookup(row.bytes) for row in rows] for rows in persons]
        known = {
            bytes(lookup): self._open(bytes(lookup), bytes(sealed))[1]
            for lookup, sealed in Pseudonym.objects.filter(
                project=self.project, lookup__in=[lookup for group in lookups for lookup in group]
            )
            .order_by("pk")
            .values_list("lookup", "sealed")
        }
        # a person whose rows had codes of their own keeps the one of the row that comes first
        found = [next((known[lookup] for lookup in group if lookup in known), None) for group in lookups]
        fresh = iter(self.unused(sum(code is None for code in found)))
        codes = [code or next(fresh) for code in found]
        for code, group, ids in zip(codes, lookups, persons, strict=True):
            for lookup, row in zip(group, ids, strict=True):
                if known.get(lookup, code) != code:
                    self._change(row, known[lookup], code)
        project = self.project.pk
        rows = [
            (project, lookup, self._code_index(code), self._seal(lookup, row.bytes, code))
            for code, group, ids in zip(codes, lookups, persons, strict=True)
            for lookup, row in zip(group, ids, strict=True)
            if lookup not in known
        ]
        # stored in the order of the keyed look-up, so that the table's order says nothing either
        bulk.insert(Pseudonym, COLUMNS, sorted(rows, key=lambda row: row[1]))
        return codes

    def mixed(self) -> dict[str, dict[UUID, bytes]]:
        """Codes of rows that are not one person's any more, because a number was corrected: the rows, and whose."""
        own = Pseudonym.objects.filter(project=self.project)
        several = own.values("code_index").annotate(rows=Count("pk")).filter(rows__gt=1).values("code_index")
        holders: dict[str, list[UUID]] = defaultdict(list)
        for lookup, sealed in own.filter(code_index__in=several).order_by("lookup").values_list("lookup", "sealed"):
            participant, code = self._open(bytes(lookup), bytes(sealed))
            if self._lookup(participant.bytes) == bytes(lookup):  # not one that they had earlier
                holders[code].append(participant)
        person = gate.person_of([row for rows in holders.values() for row in rows])
        whose = {code: {row: person[row] for row in rows if row in person} for code, rows in holders.items()}
        return {code: rows for code, rows in whose.items() if len(set(rows.values())) > 1}

    def part(self) -> None:
        """Gives each of those who share a `mixed` code one of their own. The shared one stands for all of them in files
        that were given out: it is nobody's from now on, but an earlier one of each. In a transaction."""
        EvaluationProject.objects.select_for_update().get(pk=self.project.pk)
        for code, rows in self.mixed().items():
            people = sorted(set(rows.values()))
            fresh = dict(zip(people, self.unused(len(people)), strict=True))
            for row, person in rows.items():
                self._change(row, code, fresh[person])

    def known(self, participants: Iterable[UUID]) -> dict[UUID, str]:
        """The codes of those participants who have one."""
        return self._at(participants, 0)

    def ever(self, participants: Iterable[UUID]) -> set[str]:
        """Every code that these participants have or had."""
        found: set[str] = set()
        asked, earlier = list(participants), 0
        while asked:
            had = self._at(asked, earlier)
            found |= set(had.values())
            asked, earlier = list(had), earlier + 1
        return found

    def whose(self, code: str) -> list[UUID]:
        """The participant rows that have or had `code`: none, those of one person, or of those whom a mistaken number
        had made one (`mixed`)."""
        rows = Pseudonym.objects.filter(project=self.project, code_index=self._code_index(code))
        return [self._open(bytes(lookup), bytes(sealed))[0] for lookup, sealed in rows.values_list("lookup", "sealed")]

    def adopt(self, participant: UUID, other: UUID) -> None:
        """`other` turned out to be `participant`, whose code it gives on if that one has none. In a transaction."""
        code = self._at([other], 0).get(other)
        if code is not None:
            self._keep(participant, code, 0)

    def _at(self, participants: Iterable[UUID], earlier: int) -> dict[UUID, str]:
        lookups = {self._lookup(row.bytes, earlier): row for row in participants}
        found: dict[UUID, str] = {}
        asked = list(lookups)
        for start in range(0, len(asked), AT_ONCE):
            rows = Pseudonym.objects.filter(project=self.project, lookup__in=asked[start : start + AT_ONCE])
            for lookup, sealed in rows.values_list("lookup", "sealed"):
                found[lookups[bytes(lookup)]] = self._open(bytes(lookup), bytes(sealed))[1]
        return found

    def _change(self, participant: UUID, code: str, to: str) -> None:
        """`code` becomes an earlier one of the participant, who has the code `to` from now on."""
        earlier = 1
        while not self._keep(participant, code, earlier):
            earlier += 1
        lookup = self._lookup(participant.bytes)
        Pseudonym.objects.filter(project=self.project, lookup=lookup).update(
            code_index=self._code_index(to), sealed=self._seal(lookup, participant.bytes, to)
        )

    def _keep(self, participant: UUID, code: str, earlier: int) -> bool:
        """Whether the place was free."""
        lookup = self._lookup(participant.bytes, earlier)
        values = {"code_index": self._code_index(code), "sealed": self._seal(lookup, participant.bytes, code)}
        return Pseudonym.objects.get_or_create(project=self.project, lookup=lookup, defaults=values)[1]

    def unused(self, count: int) -> list[str]:
        """`count` new codes that the project has not used before."""
        codes: list[str] = []
        while len(codes) < count:
            drawn = {self._code_index(code): code for code in new_codes(count - len(codes))}
            taken = Pseudonym.objects.filter(project=self.project, code_index__in=list(drawn))
            for index in taken.values_list("code_index", flat=True):
                drawn.pop(bytes(index), None)
            codes += drawn.values()
        return codes
