"""What goes on its date: deliveries whose time is up, resident lists, and what is left of projects that have ended."""

import shutil
import time
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from audit.recording import audited
from exports import groups, project_keys, storage
from exports.actions.projects import destroy_what_is_left
from exports.models import Delivery, EvaluationProject, RegisterExtract, State
from exports.states import OVER, WrongState, move


def expire_due(today: date | None = None) -> int:
    """Deletes files of deliveries past `expires_on`, resident lists from `delete_on` on, and what outlived its project.

    Returns how many.
    """
    today = today or localdate()
    done = 0
    for delivery in Delivery.objects.filter(state__in=[State.BUILT, State.FETCHED], expires_on__lt=today):
        try:
            with audited(by=None) as log:
                move(delivery, State.EXPIRED)
                log("delivery.expired", delivery)
        except WrongState:  # fetched, or built again, a moment ago: tomorrow, and all else today
            continue
        storage.remove_delivery(delivery)
        done += 1
    for extract in RegisterExtract.objects.filter(delete_on__lte=today).exclude(state=RegisterExtract.State.DELETED):
        delete_extract(extract, by=None)
        done += 1
    for project in EvaluationProject.objects.filter(ended_at__isnull=False):
        if project_keys.is_there(project.pk):  # its ending was interrupted, or a copy was put back
            destroy_what_is_left(project)
            done += 1
    live = RegisterExtract.objects.exclude(state=RegisterExtract.State.DELETED)
    done += remove_orphans("extracts", live)
    for delivery in Delivery.objects.filter(groups.KEPT):
        storage.remove_old_sets(delivery)  # where a job was killed before it could
    done += _reduce_kept_sets()
    return done + remove_orphans("deliveries", Delivery.objects.filter(~Q(state__in=OVER) | groups.KEPT))


def _reduce_kept_sets() -> int:
    from exports.group_sets import reduce_kept  # loads pandas, which who imports this for a single list doesn't need

    return reduce_kept()


def remove_orphans(kind: str, live: QuerySet, older_than: float = 24 * 60 * 60) -> int:
    """Folders of a kind that belong to nothing any more, once they are a day old: uploads that nothing came of (a web
    process was killed), and what a job wrote of a delivery that was cancelled meanwhile, or failed: who has which code.
    """
    removed = 0
    for folder in (Path(settings.DATA_DIR) / kind).glob("*"):
        try:
            pk = UUID(folder.name)
        except ValueError:  # not ours
            continue
        if time.time() - folder.stat().st_mtime > older_than and not live.filter(pk=pk).exists():
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def delete_extract(extract: RegisterExtract, *, by) -> None:
    """Destroys the run key first: without it what may be left of the file can't be opened."""
    with audited(by=by) as log:
        RegisterExtract.objects.filter(pk=extract.pk).update(state=RegisterExtract.State.DELETED, run_key=None)
        log("extract.deleted", extract)
    storage.remove_extract(extract.pk)
