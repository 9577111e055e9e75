"""People whose consent ends while a file with them waits: the file is older than their no, and must not undo it."""

from collections.abc import Iterable, Mapping
from typing import Any

from collection.models import Participant
from spreadsheets.models import Gone, Row, Spreadsheet


def indexes_of(row: Mapping[str, Any]) -> list[bytes]:
    """The keyed index of a row's person, and those under older keys."""
    before = bytes(row["person_before"] or b"")
    return [bytes(row["person"]), *(before[start : start + 20] for start in range(0, len(before), 20))]


def remember(sender: Any, rows: Iterable[Participant], **_: Any) -> None:
    """A number is found in the open files of every plan; a name and birth date proves nothing outside its own."""
    waiting = list(Spreadsheet.objects.filter(ended_at__isnull=True).values_list("pk", "plan"))
    found = {
        (spreadsheet, bytes(index), by_number)
        for row in rows
        for spreadsheet, plan in waiting
        for index, by_number in ((row.cpr_index, True), (row.name_birth_index, False))
        if index is not None and (by_number or plan == row.plan_id)
    }
    Gone.objects.bulk_create(Gone(spreadsheet_id=pk, person=index, by_number=number) for pk, index, number in found)


class GoneSince:
    """Whose consent has ended since `spreadsheet` was taken in."""

    def __init__(self, spreadsheet: Spreadsheet):
        people = Gone.objects.filter(spreadsheet=spreadsheet).values_list("by_number", "person")
        self._people = {(by_number, bytes(person)) for by_number, person in people}

    def __bool__(self) -> bool:
        return bool(self._people)

    def holds(self, row: Mapping[str, Any]) -> bool:
        """`row`: person, person_before, by_number and another. Who was said to be another than their namesake is."""
        if not self._people or (row["another"] and not row["by_number"]):
            return False
        return any((row["by_number"], index) in self._people for index in indexes_of(row))


def some_ready(spreadsheet: Spreadsheet) -> bool:
    """Whether a row that is ready to be written is about somebody who is gone."""
    gone = GoneSince(spreadsheet)
    ready = Row.objects.filter(spreadsheet=spreadsheet, state=Row.State.READY, person__isnull=False)
    rows = ready.values("person", "person_before", "by_number", "another")
    return bool(gone) and any(gone.holds(row) for row in rows.iterator())
