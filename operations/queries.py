"""How the keys stand."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from audit.models import Event
from crypto import kek, keys
from crypto.models import DataKey
from exports.models import Job
from operations import wording
from operations.actions.keys import jobs_of
from operations.models import KeyRotation

BACKUP_LATE = timedelta(days=2)  # one is made each night (docs/backups.md)


@dataclass(frozen=True)
class Standing:
    """A purpose's keys: since when the current one is used, how many older ones are still kept, what runs."""

    purpose: str
    version: int
    since: datetime | None
    older: int
    rotation: KeyRotation | None
    job: Job | None  # the last of the rotation

    @property
    def name(self) -> str:
        return str(wording.PURPOSES.get(self.purpose, self.purpose))

    @property
    def runs(self) -> bool:
        return self.job is not None and self.job.state in (Job.State.QUEUED, Job.State.RUNNING)

    @property
    def stopped(self) -> bool:
        return self.rotation is not None and not self.runs

    @property
    def problem(self) -> str:
        return str(wording.FAILURES.get(self.job.problem, "")) if self.job is not None and self.stopped else ""


def standings() -> list[Standing]:
    """Every purpose that has keys, in the order of `wording.PURPOSES`."""
    known = [purpose for purpose in wording.PURPOSES if purpose in keys.purposes()]
    return [standing(purpose) for purpose in dict.fromkeys([*known, *keys.purposes()])]


def standing(purpose: str) -> Standing:
    kept = DataKey.objects.filter(purpose=purpose, retired_at__isnull=True, active_at__isnull=False)
    rows = list(kept.order_by("-version"))
    held = KeyRotation.objects.filter(purpose=purpose, finished_at__isnull=True).first()
    job = jobs_of(held).order_by("-queued_at").first() if held else None
    newest = rows[0] if rows else None
    return Standing(
        purpose=purpose,
        version=newest.version if newest else 0,
        since=newest.active_at if newest else None,
        older=max(0, len(rows) - 1),
        rotation=held,
        job=job,
    )


@dataclass(frozen=True)
class KekStanding:
    """`since` is None where the environment holds it: the site can't know."""

    fingerprint: str
    since: datetime | None
    changing: bool


def kek_standing() -> KekStanding:
    """Raises KeyUnavailable."""
    held = kek.load_kek()
    since = None if kek.in_environment() else kek.made_at()
    return KekStanding(held.fingerprint, since, bool(held.before))


def stopped_rotations() -> int:
    """How many changes of a key have begun and go no further by themselves."""
    held = KeyRotation.objects.filter(finished_at__isnull=True)
    return sum(1 for each in held if not jobs_of(each).filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists())


@dataclass(frozen=True)
class LastBackup:
    """`kept_until`: the day on which it is to be deleted."""

    made_at: datetime
    kept_until: date

    @property
    def is_late(self) -> bool:
        return self.made_at < timezone.now() - BACKUP_LATE


def last_backup() -> LastBackup | None:
    event = Event.objects.filter(action="backup.made").order_by("-sequence").first()
    return LastBackup(event.at, date.fromisoformat(json.loads(event.details)["day"])) if event else None


def backup_is_missing() -> bool:
    """Whether the last one is too old; a site has BACKUP_LATE from its first event to make one."""
    if last := last_backup():
        return last.is_late
    first = Event.objects.order_by("sequence").first()
    return first is not None and first.at < timezone.now() - BACKUP_LATE
