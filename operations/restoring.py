"""Putting a backup back: unpacked and checked beside the site, then in its place, and open only when it is in order.

A mark in DATA_DIR keeps web and workers from starting until the journal of erasures has been gone through again, and
audit log and identities have been looked through. Killed at any point, the same command does it all again.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import Invitation, User
from audit import anchors
from audit.models import Event
from audit.recording import audited
from audit.verify import verify
from collection.models import Participant
from consent import erasures
from consent.actions.merge import MergeRefused
from consent.actions.proofs import lock_proofs
from consent.actions.withdraw import end_consent, erase_identities
from consent.erasures import Erased
from consent.models import Kind, Purpose
from crypto import kek, keys
from crypto.agefile import open_age, sync_folder
from crypto.rotation import verify_identities
from exports import project_keys
from exports.actions.leaving import leave
from exports.actions.merge import merge
from exports.actions.projects import end_again
from exports.models import EvaluationProject, WorkerSign
from operations import backups, databases
from operations.backups import BackupRefused, Manifest

AT_ONCE = 500
UNPACKED = "restore-"
EVER = datetime.min.replace(tzinfo=UTC)
AT_WORK = timedelta(seconds=60)  # a worker that was seen so lately may still run
Say = Callable[[str], None]


@dataclass(frozen=True)
class Replayed:
    people: int
    projects: int
    accounts: int


def mark() -> Path:
    return Path(settings.DATA_DIR) / "restoring"


def unfinished() -> str:
    """Why the site may not open, in words; empty when it may."""
    if not mark().exists():
        return ""
    return "A backup is being restored, or was not restored to the end: run `manage.py restore` again."


def refuse_unfinished() -> None:
    """For the doors of web and workers. Raises SystemExit."""
    if problem := unfinished():
        raise SystemExit(problem)


def restore(file: Path, identity: str, *, over: bool = False, without_journal: bool = False, say: Say = print) -> bool:
    """Restores a backup with its recipient's age identity; whether the site is in order and open.

    `over`: in the place of a site that holds something. `without_journal`: there is none, and none is lost. Raises
    BackupRefused, AgeError, KeyUnavailable, DatabaseProgramFailed, OSError.
    """
    if not without_journal and not erasures.place().exists():
        raise BackupRefused(
            f"There is no journal of erasures at {erasures.place()}: put it back first, or people who have withdrawn "
            "since the backup come back. If nobody ever has, say --without-journal."
        )
    for left in Path(settings.DATA_DIR).glob(f"{UNPACKED}*"):  # by a command that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=UNPACKED, dir=settings.DATA_DIR) as folder:
        with open_age(file, identity) as plain:
            manifest = backups.unpack(plain, Path(folder))
        check_fits(manifest)
        if not over and not mark().exists() and (held := holdings()):
            raise BackupRefused(f"This site is not empty: {held}.")
        say(f"Backup of {manifest.made_at}, {sum(manifest.counts.values())} rows, {len(manifest.files) - 1} files.")
        _set_mark()
        databases.load(Path(folder) / backups.DATABASE)
        _check_counts(manifest)
        _put_files(Path(folder))
    call_command("migrate", interactive=False, verbosity=0)
    keys.forget()
    keys.rewrap_all()  # the backup's may be wrapped with the key-encryption key before
    say("Going through the journal of erasures.")
    replayed = replay(since=datetime.fromisoformat(manifest.made_at))
    end_ways_in()
    with audited(by=None) as log:
        log("backup.restored", day=manifest.made_at[:10], people=replayed.people, count=replayed.projects)
    say(f"{replayed.people} identities and {replayed.projects} project keys, erased since, are erased again.")
    say(f"{replayed.accounts} accounts, closed since, are closed again. Passwords and second factors are the old ones.")
    return look_through(say)


def end_ways_in() -> None:
    """Nobody is signed in because they were when the backup was made, and no link works that has been used since."""
    Session.objects.all().delete()
    Invitation.objects.all().delete()


def look_through(say: Say = print) -> bool:
    """Looks through audit log and identities, says what is found, and opens the site when all is in order."""
    if unfinished():  # of a site that is not being restored, nothing explains a log that is older than its anchors
        _accept()
    found = verify()
    for fault in found.faults:
        say(f"audit log: {fault}")
    say(f"Audit log: {found.events} events, {len(found.faults)} faults.")
    in_order = not found.faults
    for seen in verify_identities():
        in_order &= seen.fine
        if not seen.fine:
            say(f"{seen.column}: {seen.wrong} wrong, {seen.unreadable} can't be opened.")
    say("Every identity can be opened and found." if in_order else "The site stays closed.")
    if in_order:
        open_site()
    return in_order


def open_site() -> None:
    mark().unlink(missing_ok=True)
    sync_folder(mark().parent)


def check_fits(manifest: Manifest) -> None:
    """Raises BackupRefused where this site can't hold the backup, KeyUnavailable without a key-encryption key."""
    if manifest.vendor != connection.vendor:
        raise BackupRefused(f"It is of {manifest.vendor}, and this site runs on {connection.vendor}.")
    known = set(MigrationLoader(None).disk_migrations)  # type: ignore[arg-type]
    if newer := sorted({(app, name) for app, name in manifest.migrations} - known):
        raise BackupRefused(
            f"It is of a newer version of the site ({newer[0][0]} {newer[0][1]}): install that version first."
        )
    held = kek.load_kek()
    if manifest.kek not in {held.fingerprint, *(before.fingerprint for before in held.before)}:
        raise BackupRefused(
            f"It needs the key-encryption key {manifest.kek}, and this site has {held.fingerprint}: put that one back, "
            "as the one before (docs/keys.md)."
        )
    if not manifest.is_of_this_site():
        raise BackupRefused("It was not made by this site: somebody who lacks its key-encryption key has sealed it.")


def holdings() -> str:
    """What the site holds that a restore would replace, in words; empty for a site that was never used."""
    tables = connection.introspection.table_names()
    if not tables:
        return ""
    lately = WorkerSign.objects.filter(seen_at__gt=datetime.now(UTC) - AT_WORK)
    if WorkerSign._meta.db_table in tables and lately.exists():
        raise BackupRefused("The site is running: stop it, and wait a minute.")
    models = {"people": Participant, "users": User, "events": Event}
    found = {name: model._base_manager.count() for name, model in models.items() if model._meta.db_table in tables}
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)


def replay(*, since: datetime = EVER) -> Replayed:
    """Erases again what was erased after the backup was made, and closes accounts that were closed after `since`: some
    that were closed before are open again, rightly. As often as one likes."""
    people = projects = accounts = 0
    erased = iter(list(erasures.read()))  # erasing again writes to the journal again
    while page := list(islice(erased, AT_ONCE)):
        ids = [each.id for each in page if each.kind == erasures.PERSON]
        held = Participant.ungated.filter(pk__in=ids, erased_at__isnull=True).values_list("pk", flat=True)
        back = {str(pk) for pk in held}
        people += sum(_erase_again(each) for each in page if each.id in back)
        projects += sum(_end_again(UUID(each.id)) for each in page if each.kind == erasures.PROJECT)
        closed = [each.id for each in page if each.kind == erasures.ACCOUNT and datetime.fromisoformat(each.at) > since]
        for user in User.objects.filter(pk__in=closed, is_active=True):
            leave(by=None, user=user, successors={})
            accounts += 1
    return Replayed(people, projects, accounts)


def _end_again(pk: UUID) -> bool:
    project = EvaluationProject.objects.filter(pk=pk).first()
    if project is not None and project.ended_at is None:
        end_again(project)
        return True
    if project_keys.is_there(pk):  # of a copy of the key folder
        project_keys.destroy(pk)
        return True
    return False


def _erase_again(erased: Erased) -> bool:
    row = Participant.ungated.filter(pk=erased.id, erased_at__isnull=True).first()
    if row is None:
        return False
    if erased.merged_into and _merge_again(row, erased.merged_into):
        return True
    with audited(by=None) as log:
        row = Participant.ungated.select_for_update().get(pk=row.pk)
        for purpose, kind, day in erased.ended:
            on = date.fromisoformat(day)
            end_consent(log, [row], by=None, purpose=Purpose.objects.get(pk=purpose), kind=Kind(kind), on=on)
        at = datetime.fromisoformat(erased.at)
        lock_proofs([row.pk], at=at)
        erase_identities([row.pk], at=at)
        log("identity.erased_again", row, plan=row.plan_id, subjects=[row.pk])
    return True


def _merge_again(row: Participant, into: str) -> bool:
    """The person has given consent and goes on; where they can't be made one again, only the row's identity goes."""
    kept = Participant.ungated.filter(pk=into, erased_at__isnull=True).first()
    try:
        if kept is not None:
            merge(by=None, kept=kept, other=row)
    except MergeRefused:
        return False
    return kept is not None


def _check_counts(manifest: Manifest) -> None:
    """The rows that were loaded are those of the manifest."""
    found = databases.counts(list(manifest.counts))
    if wrong := sorted(table for table, count in manifest.counts.items() if found[table] != count):
        raise BackupRefused(f"There are more or fewer rows than its manifest tells of: {', '.join(wrong)}.")


def _set_mark() -> None:
    mark().touch(mode=0o600)
    sync_folder(mark().parent)


def _put_files(folder: Path) -> None:
    for name in backups.FOLDERS:
        place, fresh = Path(settings.DATA_DIR) / name, folder / backups.FILES / name
        shutil.rmtree(place, ignore_errors=True)
        if fresh.exists():
            os.replace(fresh, place)
    sync_folder(Path(settings.DATA_DIR))


def _accept() -> None:
    """That the log is older than what was witnessed is what a restore does: it stays told, but is no fault of now."""
    with suppress(anchors.NotRestored):  # nothing is wrong, or something else is, which the check finds
        anchors.accept_restore()
