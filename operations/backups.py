"""Backups: one file, sealed to a recipient's age key, that holds the database and the sealed files below DATA_DIR.

Not the key-encryption key and no project's key: those are backed up apart (docs/keys.md), or one thief would need only
one thing. Inside is a tar archive: the database's dump, `files/…`, and last `manifest.json`. Beside the file lies one
of the same name that ends in .json and says, in clear, when it was made, when it is to be deleted and its hash.
"""

import base64
import binascii
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.timezone import localdate

from audit.models import Head
from audit.recording import audited
from consent import erasures
from crypto.agefile import AgeWriter, sync_folder
from crypto.errors import KeyUnavailable
from crypto.kek import load_kek
from operations import databases

FORMAT = 1
# What lies below DATA_DIR and can't be made again: signed forms, deliveries, resident lists, spreadsheets on their way.
FOLDERS = ("proofs", "deliveries", "extracts", "imports")
DATABASE, MANIFEST, FILES = "database", "manifest.json", "files/"
KEPT_DAYS = 35


@dataclass
class Manifest:
    """`files`: name in the archive -> [size, SHA-256]; `counts`: rows by table; `migrations`: [app, name] applied;
    `kek`: fingerprint of the key-encryption key without which the backup's identities can't be read. `seal`: made of
    the rest by that key, in base64: anybody who knows the recipient's public key can seal a file to it, and a database
    that somebody has changed would bring accounts of theirs."""

    format: int
    made_at: str
    expires_on: str
    vendor: str
    server: str
    kek: str
    audit_sequence: int
    migrations: list[list[str]]
    counts: dict[str, int]
    files: dict[str, list[Any]] = field(default_factory=dict)
    seal: str = ""

    @property
    def text(self) -> bytes:
        """What is sealed."""
        return b"backup|" + json.dumps(asdict(replace(self, seal=""))).encode()

    def is_of_this_site(self) -> bool:
        """Whether who made it had the key-encryption key that this site has. Raises KeyUnavailable without one."""
        kek = load_kek()
        try:
            return kek.unwrap(base64.b64decode(self.seal, validate=True), self.text) == b""
        except (binascii.Error, KeyUnavailable):
            return False


@dataclass(frozen=True)
class Kept:
    """A backup in a folder, by the note beside it. `file` may be gone by itself."""

    file: Path
    made_at: datetime
    expires_on: date
    size: int

    @property
    def is_due(self) -> bool:
        return self.expires_on <= localdate()


def make(*, to: Path, recipients: Sequence[str], keep_days: int = KEPT_DAYS, by: Any = None) -> Path:
    """Makes a backup in the folder `to` and returns its file, which appears when it is whole.

    `recipients`: age public keys, the private ones of which are not on this machine. Raises BadAgeKey,
    DatabaseProgramFailed, KeyUnavailable, OSError.
    """
    now = datetime.now(UTC)
    expires = localdate() + timedelta(days=keep_days)
    file = to / f"deltagerdata-{now:%Y%m%dT%H%M%SZ}.tar.age"
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.DATA_DIR) as folder:
        dump = Path(folder) / DATABASE
        # before the files: what a row tells of is there then, or was deleted since
        manifest = _manifest(now, expires, databases.dump(dump, tables()))
        with AgeWriter(file, recipients) as out:
            _archive(out, dump, manifest)
    note = {"made_at": manifest.made_at, "expires_on": manifest.expires_on, "size": out.size, "sha256": out.sha256}
    note_of(file).write_text(json.dumps(note, indent=2) + "\n")
    sync_folder(to)
    with audited(by=by) as log:
        log("backup.made", rows=sum(manifest.counts.values()), day=manifest.expires_on)
    return file


def note_of(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def kept(folder: Path) -> list[Kept]:
    """The backups in a folder, oldest first. Raises NotADirectoryError: a folder that isn't there (a disk that is not
    mounted) is no folder without backups."""
    if not folder.is_dir():
        raise NotADirectoryError(f"There is no folder {folder}.")
    found = []
    for note in sorted(folder.glob("*.tar.age.json")):
        told = json.loads(note.read_text())
        made, expires = datetime.fromisoformat(told["made_at"]), date.fromisoformat(told["expires_on"])
        found.append(Kept(note.with_suffix(""), made, expires, told["size"]))
    return found


def last_end_of_a_project() -> datetime | None:
    """A backup from before it holds who had which code (docs/backups.md); None when the journal tells of no end."""
    ends = [datetime.fromisoformat(each.at) for each in erasures.read() if each.kind == erasures.PROJECT]
    return max(ends, default=None)


def delete_expired(folder: Path, *, only_newest: bool = False) -> list[Path]:
    """Deletes the backups whose date has come: they hold identities that have been erased since.

    `only_newest`: all but the last, for a project that has ended: they hold who had which of its codes.
    """
    found = kept(folder)
    due = [each.file for each in found if each.is_due or (only_newest and each is not found[-1])]
    for file in due:
        file.unlink(missing_ok=True)  # before its note, so that a kill in between leaves what finds it again
        note_of(file).unlink()
    return due


def tables() -> list[str]:
    """Of the models, as far as the database has them by now."""
    there = set(connection.introspection.table_names())
    return sorted(there & {model._meta.db_table for model in apps.get_models()})


def applied() -> list[list[str]]:
    return sorted(map(list, MigrationRecorder(connection).applied_migrations()))


def _manifest(now: datetime, expires: date, counts: dict[str, int]) -> Manifest:
    server = ".".join(map(str, connection.get_database_version()))
    head = Head.objects.filter(pk=1).first()
    return Manifest(
        FORMAT, now.isoformat(), expires.isoformat(), connection.vendor, server, load_kek().fingerprint,
        head.sequence if head else 0, applied(), counts,
    )  # fmt: skip


def _archive(out: AgeWriter, dump: Path, manifest: Manifest) -> None:
    with tarfile.open(fileobj=cast(IO[bytes], out), mode="w|") as archive:
        for name, path in [(DATABASE, dump), *_files()]:
            try:
                with path.open("rb") as content:
                    manifest.files[name] = _add(archive, name, content)
            except FileNotFoundError:  # it was deleted on its date a moment ago
                continue
        manifest.seal = base64.b64encode(load_kek().wrap(b"", manifest.text)).decode()
        text = json.dumps(asdict(manifest)).encode()
        information = tarfile.TarInfo(MANIFEST)
        information.size = len(text)
        archive.addfile(information, io.BytesIO(text))


def _files() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in sorted((Path(settings.DATA_DIR) / folder).rglob("*")):
            if path.is_file() and path.suffix != ".part":
                yield FILES + str(path.relative_to(settings.DATA_DIR)), path


class _Hashing(io.RawIOBase):
    def __init__(self, content: IO[bytes]):
        self.content, self.sha256 = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.content.read(size)
        self.sha256.update(piece)
        return piece


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> list[Any]:
    information = tarfile.TarInfo(name)
    information.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    hashing = _Hashing(content)
    archive.addfile(information, hashing)
    return [information.size, hashing.sha256.hexdigest()]


def unpack(plain: IO[bytes], into: Path) -> Manifest:
    """Unpacks a backup and holds it against its manifest. Raises BackupRefused, AgeFileAltered, OSError."""
    found: dict[str, list[Any]] = {}
    manifest = None
    try:
        with tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                source = archive.extractfile(member)
                if source is None or not _is_ours(member.name):
                    raise BackupRefused("It holds something that no backup of this site does.")
                if member.name == MANIFEST:
                    manifest = json.load(source)
                    continue
                found[member.name] = _extract(source, into / member.name)
    except tarfile.TarError:
        raise BackupRefused("It is no backup of this site.") from None
    if manifest is None or manifest.get("format") != FORMAT:
        raise BackupRefused("It has no manifest that this version of the site knows.")
    if manifest["files"] != found or DATABASE not in found:
        raise BackupRefused("Its files are not those of its manifest.")
    return Manifest(**manifest)


class BackupRefused(Exception):
    """The message is a sentence for the operator."""


def _is_ours(name: str) -> bool:
    parts = Path(name).parts
    return name in (DATABASE, MANIFEST) or (
        len(parts) > 2 and parts[0] + "/" == FILES and parts[1] in FOLDERS and ".." not in parts
    )


def _extract(source: IO[bytes], to: Path) -> list[Any]:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sha256, size = hashlib.sha256(), 0
    with to.open("wb") as out:
        for piece in _pieces(source):
            out.write(piece)
            sha256.update(piece)
            size += len(piece)
    return [size, sha256.hexdigest()]


def _pieces(source: IO[bytes]) -> Iterable[bytes]:
    while piece := source.read(1 << 20):
        yield piece
