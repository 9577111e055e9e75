"""Corrections in a file that is being looked through: cells, confirmations, rows left out."""

from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.recording import audited
from consent.actions.tell import may_be_told
from crypto.secret import Sealed
from spreadsheets import vault
from spreadsheets.actions.files import NotNow, State, hold
from spreadsheets.checking import check_again
from spreadsheets.columns import BY_KEY
from spreadsheets.findings import settle
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Level, Row, Spreadsheet

MOST_TYPED = 400  # characters of a corrected cell


class Sure(models.TextChoices):
    """Why a warning is confirmed: a code, never free text."""

    COMPARED = "compared", _("Jeg har sammenlignet med de underskrevne samtykker eller kilden")
    TOLD = "told", _("Personen har selv oplyst det")
    KNOWN = "known", _("Jeg kender personen og ved, at det er rigtigt")


def correct_row(*, by: User, spreadsheet: Spreadsheet, row: Row, typed: Mapping[str, str], another: bool) -> Row:
    """Keeps what was typed instead of the row's cells and judges the row again; returns it.

    `another`: it is somebody else than those of the same name and birth date. Says whether the person is registered, so
    it is limited and recorded as on the enrolment page. Raises NotNow.
    """
    if not may_be_told(by):
        raise NotNow("too_often")
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        layout = Layout.of(held)
        row = Row.objects.select_for_update().get(pk=row.pk, spreadsheet=held)
        record = next(vault.records([(row.pk, row.record)]))
        texts = layout.texts(record)
        changed = {
            key: text[:MOST_TYPED] for key, text in typed.items() if key in BY_KEY and text != texts.get(key, "")
        }
        record["set"] |= changed
        asks_anew = bool({"cpr", "name", "birth_date"} & changed.keys())
        row.record = Sealed(vault.seal_row(row.pk, record))  # type: ignore[assignment]
        row.another, row.left_out = another, False
        still = Finding.objects.filter(row=row, settled=True).exclude(field__in=changed)
        row.confirmed = " ".join(sorted(set(still.values_list("code", flat=True)) & set(row.confirmed.split())))
        row.save(update_fields=["record", "another", "left_out", "confirmed"])
        found = check_again(held, layout, row, record)
        log("import.row_corrected", held, plan=held.plan_id, count=len(changed))
        if asks_anew:
            log("registered.told" if found else "registered.not_found", held, plan=held.plan_id, subjects=found)
    row.refresh_from_db()
    return row


def confirm_row(*, by: User, spreadsheet: Spreadsheet, row: Row, codes: Iterable[str], reason: Sure) -> None:
    """Says that what these warnings of the row ask about is right. Raises NotNow."""
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        row = Row.objects.select_for_update().get(pk=row.pk, spreadsheet=held)
        warnings = Finding.objects.filter(row=row, level=Level.WARNING, settled=False, code__in=list(codes))
        codes = sorted(set(warnings.values_list("code", flat=True)))
        row.confirmed = " ".join(sorted({*row.confirmed.split(), *codes}))
        row.save(update_fields=["confirmed"])
        warnings.update(settled=True)
        settle(Row.objects.filter(pk=row.pk))
        log("import.confirmed", held, plan=held.plan_id, reason=Sure(reason).value, count=1)


def confirm_all(*, by: User, spreadsheet: Spreadsheet, codes: Iterable[str], reason: Sure) -> None:
    """Says it of every row that has one of these warnings. Raises NotNow."""
    codes = sorted(set(codes))
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        layout = Layout.of(held)
        layout.confirmed = sorted({*layout.confirmed, *codes})
        layout.keep(held)
        held.save(update_fields=["layout"])
        warnings = Finding.objects.filter(spreadsheet=held, level=Level.WARNING, settled=False, code__in=codes)
        rows = list(warnings.values_list("row", flat=True).distinct())
        warnings.update(settled=True)
        settle(Row.objects.filter(spreadsheet=held, state=Row.State.WARNING))
        for code in codes:
            log("import.confirmed", held, plan=held.plan_id, reason=Sure(reason).value, code=code, count=len(rows))


def leave_out(*, by: User, spreadsheet: Spreadsheet, row: Row, left_out: bool) -> None:
    """Leaves a row out of the writing, or takes it back in. Raises NotNow."""
    with audited(by=by) as log:
        held = hold(spreadsheet, State.PREVIEW)
        layout = Layout.of(held)
        row = Row.objects.select_for_update().get(pk=row.pk, spreadsheet=held)
        row.left_out = left_out
        row.save(update_fields=["left_out"])
        check_again(held, layout, row, next(vault.records([(row.pk, row.record)])))
        log("import.row_left_out" if left_out else "import.row_taken_in", held, plan=held.plan_id)
