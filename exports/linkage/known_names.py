"""Names of people in the register, looked for in what is about to leave. Whole names of at least two words.

Held as keyed hashes (the key is made for one run and kept nowhere), so that a dump of the process or an error's text
gives no list of names. A name is known by its spelling for comparison (collection.names), also with the last word
first ("Berg, Bo"). Part of a name, a name spelt otherwise, and a single name are not found: a plan may be called
after a street that is called after somebody.
"""

import re
import secrets
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import numpy as np

from collection.names import normalise

_PARTS = re.compile(r'[\n\t;:"<>|(){}\[\]]+')  # a name does not go on beyond these


class KnownNames:
    """Whether a text has the whole name of one of these people in it. Memory: 16 bytes a name, 8 words at most."""

    MOST_WORDS = 8

    def __init__(self, names: Iterable[str] = ()):
        self._key = secrets.token_bytes(16)
        self.people = 0  # whose names can be found
        self._lengths: set[int] = set()
        hashes = array("Q")
        for name in names:
            words = normalise(name).split()
            if 2 <= len(words) <= self.MOST_WORDS:
                self.people += 1
                self._lengths.add(len(words))
                hashes.append(self._hash(words))
                hashes.append(self._hash([words[-1], *words[:-1]]))
        self._hashes = np.unique(np.frombuffer(hashes, dtype=np.uint64))

    def in_text(self, text: str) -> bool:
        if not self.people:
            return False
        looked_for = np.array([*self._hashes_of(text)], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._hashes, looked_for), len(self._hashes) - 1)
        return bool((self._hashes[places] == looked_for).any())

    def _hashes_of(self, text: str) -> Iterator[int]:
        for part in _PARTS.split(text):
            words = normalise(part.replace(",", " ")).split()
            for length in self._lengths:
                for start in range(len(words) - length + 1):
                    yield self._hash(words[start : start + length])

    def _hash(self, words: list[str]) -> int:
        digest = blake2b(" ".join(words).encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "little")


NOBODY = KnownNames()
