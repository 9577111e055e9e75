"""What nobody wrote or deleted goes by itself."""

from django.utils import timezone

from exports.expiry import remove_orphans
from spreadsheets import flip, vault
from spreadsheets.actions.files import KEPT, NotNow, State, delete
from spreadsheets.models import Gone, Prepared, Row, Spreadsheet


def expire_due() -> int:
    """Deletes files after 14 days, and what an interrupted ending left; returns how many."""
    old = Spreadsheet.objects.filter(ended_at__isnull=True, uploaded_at__lt=timezone.now() - KEPT)
    done = 0
    for spreadsheet in old.exclude(state=State.WRITING):
        try:
            delete(by=None, spreadsheet=spreadsheet)
        except NotNow:  # written in this moment
            continue
        done += 1
    ended = Spreadsheet.objects.filter(ended_at__isnull=False)
    left = {
        pk for model in (Row, Prepared, Gone) for pk in model.objects.values_list("spreadsheet", flat=True).distinct()
    }
    for spreadsheet in ended.filter(pk__in=left):
        flip.clear(spreadsheet)
    return done + remove_orphans(vault.KIND, Spreadsheet.objects.filter(ended_at__isnull=True))
