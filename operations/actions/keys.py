"""Changing keys: data keys by a job, the key-encryption key by a command of the operator's."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.recording import audited
from crypto import kek, keys, rotation
from crypto.columns import columns
from exports import jobs, project_keys
from exports.models import Job
from operations.models import KeyRotation


class KekRefused(Exception):
    """`code`: no_change (none is under way) | other_key (the copy is not the key of today)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def start_rotation(*, by: User, purpose: str) -> KeyRotation:
    """Makes the next key of a purpose, and a job that brings what older keys made under it; goes on with one that has
    stopped. Where nothing is to be made again (the audit log, files), the new key is for what is new, and that is all.
    """
    with audited(by=by) as log:
        held = KeyRotation.objects.select_for_update().filter(purpose=purpose, finished_at__isnull=True).first()
        own = [column for column in columns(purpose) if not column.carried]
        if held is None:
            waits = bool(own) and purpose.startswith("index:")
            key_id = rotation.begin(purpose, active=not waits)
            held = KeyRotation(purpose=purpose, key_id=key_id, started_by=by)
            held.finished_at = None if own else timezone.now()
            held.save(force_insert=True)
            log("key.rotation_started", held, key=purpose)
        if own and not jobs_of(held).filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
            jobs.enqueue(by=by, kind=Job.Kind.ROTATE_KEY, subject=held.pk)
    return held


def jobs_of(held: KeyRotation) -> Any:
    return Job.objects.filter(kind=Job.Kind.ROTATE_KEY, subject=held.pk)


def retire_keys(*, by: Any = None) -> int:
    """Destroys the old keys that nothing has needed for a day; how many."""
    done = 0
    for purpose in keys.purposes():
        with audited(by=by) as log:
            if count := rotation.retire(purpose):
                log("key.retired", key=purpose, count=count)
                done += count
    keys.forget()
    return done


def change_kek(*, by: Any) -> tuple[int, int]:
    """Wraps every key with a new key-encryption key: how many data keys and project keys. Again after a kill.

    In KEY_DIR the new one is made here; in the environment the operator has given it as KEK, the one before as
    KEK_BEFORE. The one before stays until `forget_kek_before`.
    """
    if not kek.in_environment():
        kek.change_kek()
    with audited(by=by) as log:
        counts = keys.rewrap_all(), project_keys.rewrap_all()
        log("kek.changed", count=sum(counts), key=kek.load_kek().fingerprint)
    return counts


def forget_kek_before(*, by: Any, copy: Path) -> None:
    """Removes the KEK before from KEY_DIR, once `copy`, a file of the backup, holds the one of today and that one opens
    everything. Raises KekRefused, KeyUnavailable, OSError."""
    if kek.in_environment() or not kek.before_path().exists():
        raise KekRefused("no_change")
    today = kek.load_kek().today
    if kek.read_kek(copy.read_text()).fingerprint != today.fingerprint:
        raise KekRefused("other_key")
    keys.rewrap_all()  # whoever had read the one before may have wrapped a key with it since
    project_keys.rewrap_all()
    keys.verify(today)
    project_keys.verify(today)
    with audited(by=by) as log:
        log("kek.forgotten", key=today.fingerprint)
    kek.forget_before()
