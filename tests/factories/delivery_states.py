"""A delivery in any state, moved there by the site's actions with a made-up report and small archives."""

import io
import zipfile
from typing import Any

from accounts.models import User
from crypto.agefile import AgeWriter
from exports import recipients, storage
from exports.actions import deliveries as actions
from exports.linkage.schema import ALWAYS, STANDARD
from exports.models import Archive, Delivery, EvaluationProject, Job, Reader, State
from exports.states import move
from tests.factories.deliveries import say_no, say_yes

HASH = "5e7" * 21 + "5"
LINE = "PSEUDONYM;REGION\r\n"


def report(**changes: Any) -> dict:
    return {
        "persons": 4213,
        "rows": 5177,
        "period": [2014, 2016],
        "variables": [*ALWAYS, *STANDARD],
        "left_out": [["withdrawn", "31"], ["lapsed", "<5"]],
        "findings": [],
        "blocked": False,
    } | changes


def delivery_in(
    state: State, project: EvaluationProject, *, by: User, decider: User, kind=Delivery.Kind.LINKAGE, **changes: Any
) -> Delivery:
    """`changes` go into the report, or are the `definition` of a comparison group."""
    definition = changes.pop("definition", None)
    delivery = actions.request_delivery(by=by, project=project, kind=kind, definition=definition)
    if state == State.REQUESTED:
        return delivery
    if state == State.CANCELLED:
        actions.cancel(by=by, delivery=delivery)
        return delivery
    _jobs_end(delivery, Job.State.FAILED if state == State.FAILED else Job.State.DONE)
    if state == State.FAILED:
        actions.mark_failed(delivery, code="nobody")
        return delivery
    told = {"recipients": recipients.report_of(delivery)} | report(**changes)
    actions.mark_prepared(delivery, prepared_hash=HASH, report=told, confirm=lambda: None)
    if state == State.REJECTED:
        say_no(delivery, by=decider)
    if state in (State.PREPARED, State.REJECTED):
        return delivery
    say_yes(delivery, by=decider)
    if state == State.APPROVED:
        return delivery
    _jobs_end(delivery, Job.State.DONE)
    archives = [archive_for(delivery, reader) for reader in Reader]
    actions.mark_built(delivery, archives=archives, taken_out=[], report=delivery.report, confirm=lambda: None)
    if state != State.BUILT:
        Archive.objects.filter(delivery=delivery).update(fetched_at=delivery.built_at)
        move(delivery, state)
    return delivery


def archive_for(delivery: Delivery, reader: str) -> Archive:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr(f"{reader}.csv", LINE * 100)
    path = storage.archive_path(delivery, reader)
    keys = delivery.project.recipients.filter(reader=reader)
    with AgeWriter(path, [each.public_key for each in keys]) as sealed:
        sealed.write(content.getvalue())
    return Archive(
        delivery=delivery,
        reader=reader,
        path=storage.relative(path),
        size=sealed.size,
        sha256=sealed.sha256,
        sealed_to=[str(each.pk) for each in keys],
    )


def _jobs_end(delivery: Delivery, state: str) -> None:
    delivery.jobs.update(state=state)
