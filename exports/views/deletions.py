"""Files that recipients are to delete, and saying that it is done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from exports import deletions
from exports.actions.deletions import report_deletion
from exports.models import Delivery, Reader
from exports.policies import NotAllowed, delivery_or_404, reader_of


def shown(user: Any, delivery: Delivery) -> dict:
    """What a delivery's page says: which readers were given files, and which of them say that they are deleted."""
    reports = {each.reader: each for each in delivery.deletions.select_related("by")}
    have = [reader for reader in Reader if deletions.outstanding(reader).filter(pk=delivery.pk).exists()]
    given = {fetch.reader for fetch in delivery.fetches.all()}
    return {
        "delete_by": delivery.delete_by,
        "is_late": bool(have) and delivery.delete_by is not None and delivery.delete_by < localdate(),
        "readers": [
            {"reader": reader, "report": None if reader in have else reports[reader]}
            for reader in Reader
            if reader in given
        ],
        "may_report": reader_of(user) in have,
    }


@requires(Permission.SEE_PROJECTS)
def due(request: HttpRequest) -> HttpResponse:
    return render(request, "exports/deletions.html", {"rows": deletions.due(request.user, localdate())})


@requires(Permission.SEE_PROJECTS, FORM)
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once what has been deleted; a POST says that it has."""
    delivery = delivery_or_404(request.user, pk)
    if request.method == "POST":
        try:
            report_deletion(by=request.user, delivery=delivery)
        except NotAllowed:
            messages.warning(request, _("Det er meldt, eller I har ikke hentet filer fra leverancen."))
        else:
            messages.success(request, _("Det er noteret, at filerne er slettet."))
        return redirect("exports:delivery", delivery.pk)
    if not deletions.may_report(request.user, delivery):
        return redirect("exports:delivery", delivery.pk)
    return render(request, "exports/deletion_report.html", {"delivery": delivery})
