"""Signed forms and signatures: each sealed in a file of its own below DATA_DIR, to an age key kept for this alone."""

from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from uuid import UUID

from django.conf import settings

from consent.models import Proof
from crypto import agefile, keys

PROOF = "proof"


def new_proof_identity() -> bytes:
    """An age X25519 identity, as text."""
    return agefile.new_identity().encode()


def path_of(pk: UUID) -> Path:
    folder = Path(settings.DATA_DIR) / "proofs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{pk}.age"


def seal(pk: UUID, content: bytes) -> str:
    """Writes the file of a proof; returns the SHA-256 of what was written. No clear byte reaches the disk."""
    recipient = agefile.recipient_of(keys.current(PROOF).material.decode())
    with agefile.AgeWriter(path_of(pk), [recipient]) as file:
        file.write(content)
    return file.sha256


def open_sealed(proof: Proof) -> BufferedReader:
    """The content of a proof, as a stream to be closed; also where the key has been changed since.

    Raises WrongAgeKey, AgeFileAltered, OSError.
    """
    for key in keys.of_purpose(PROOF):
        with suppress(agefile.WrongAgeKey):
            return agefile.open_age(path_of(proof.pk), key.material.decode(), sha256=proof.sha256)
    raise agefile.WrongAgeKey("A proof is sealed to a key that this site does not have.")


def files_sealed_to(key: keys.Key) -> int:
    """How many proofs only this key opens: each stays sealed to the key of its day, as its hash is in the register."""
    identity = key.material.decode()
    return sum(agefile.opens(path, identity) for path in files())


def files() -> Iterator[Path]:
    """Every file in the proofs' folder, half-written ones (`.age.part`) too."""
    yield from path_of(UUID(int=0)).parent.glob("*.age*")


def id_of(file: Path) -> UUID:
    return UUID(file.name.partition(".")[0])
