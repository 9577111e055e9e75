"""What a reader does with recalls: takes the list, and says that the people on it are deleted."""

from typing import Any

from audit.recording import audited
from exports.models import EvaluationProject, Reader, RecallAcknowledgement
from exports.policies import NotAllowed
from exports.recalls import RecallList, recall_list


def take_list(*, by: Any, project: EvaluationProject, reader: Reader) -> list[str]:
    """The codes on the list, sorted. Raises NotAllowed when the project's key is destroyed."""
    codes = recall_list(project, reader).codes
    if codes is None:
        raise NotAllowed("wrong_state")
    with audited(by=by) as log:
        log("recalls.fetched", project, reader=reader.value, count=len(codes))
    return codes


def acknowledge(*, by: Any, project: EvaluationProject, reader: Reader, persons: int, up_to: int) -> None:
    """`by` has deleted those on the list as it was shown: `persons` registrations, the last by decision `up_to`.

    What has come since stays open. Raises NotAllowed when no such list was shown.
    """
    with audited(by=by) as log:
        EvaluationProject.objects.select_for_update().get(pk=project.pk)  # pressed twice: one after the other
        now = recall_list(project, reader)
        if not 0 < persons <= now.persons or not 0 < up_to <= now.up_to:
            raise NotAllowed("wrong_state")
        if not _is_new(now, persons):
            return
        RecallAcknowledgement.objects.create(project=project, reader=reader, up_to=up_to, persons=persons, by=by)
        log("recalls.acknowledged", project, reader=reader.value, persons=persons)


def _is_new(now: RecallList, persons: int) -> bool:
    return now.acknowledged is None or persons > now.acknowledged.persons
