"""Merging two rows of one person: the pseudonyms follow.

A code that only the other row has becomes the kept row's too. Where both have one, the kept row's goes on, and the
other's is still found through the row that was merged, for recalls. The ledger stays: it says what was delivered.
"""

from typing import Any

from audit.recording import audited
from collection.models import Participant
from consent.actions.merge import merge_rows
from crypto.errors import KeyUnavailable
from exports.models import EvaluationProject
from exports.pseudonymise import ProjectCodes


def merge(*, by: Any, kept: Participant, other: Participant) -> None:
    """Raises consent.actions.merge.MergeRefused."""
    with audited(by=by) as log:
        merge_rows(log, by=by, kept=kept, other=other)
        for project in EvaluationProject.objects.all():
            try:
                codes = ProjectCodes(project)
            except KeyUnavailable:  # destroyed, and with it every code of the project
                continue
            codes.adopt(kept.pk, other.pk)
