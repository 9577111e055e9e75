"""The page of keys, and the button that changes one."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import POST, requires
from accounts.confirming import ask_first
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from consent.views import SignedInRequest
from crypto import keys
from exports.views import progress as progress_part
from operations import queries
from operations.actions.keys import jobs_of, start_rotation
from operations.models import KeyRotation
from operations.queries import Standing


@requires(Permission.MANAGE_KEYS)
def all_keys(request: SignedInRequest) -> HttpResponse:
    rows = [{"standing": each, "progress": _progress(each)} for each in queries.standings()]
    return render(
        request,
        "operations/keys.html",
        {
            "rows": rows,
            "kek": queries.kek_standing(),
            "backup": queries.last_backup(),
            "runs": any(row["progress"] for row in rows),
        },
    )


@requires(Permission.MANAGE_KEYS, POST)
def key_change(request: SignedInRequest) -> HttpResponse:
    """Begins the change of the key `purpose`, or goes on with one that has stopped."""
    purpose = request.POST.get("purpose", "")
    if purpose not in keys.purposes():
        raise Http404
    confirm = ConfirmForm(request)
    if not confirm.is_valid():
        back = reverse("operations:keys")
        return ask_first(request, confirm, lead=_("Så skiftes nøglen."), back=back, label=_("Nøgler"))
    held = start_rotation(by=request.user, purpose=purpose)
    if held.finished_at is None:
        messages.success(request, _("Nøglen skiftes nu. Alle kan arbejde videre imens."))
    else:
        messages.success(request, _("Nøglen er skiftet. Den nye bruges fra nu af."))
    return redirect("operations:keys")


@requires(Permission.MANAGE_KEYS)
def key_progress(request: SignedInRequest, pk: UUID) -> HttpResponse:
    held = get_object_or_404(KeyRotation, pk=pk)
    return progress_part.answer(request, progress_part.open_job(jobs_of(held)), **_addresses(held))


def _progress(standing: Standing) -> dict | None:
    if not standing.runs or standing.job is None or standing.rotation is None:
        return None
    return progress_part.progress_of(standing.job, **_addresses(standing.rotation))


def _addresses(held: KeyRotation) -> dict[str, str]:
    return {"url": reverse("operations:key_progress", args=[held.pk]), "page": reverse("operations:keys")}
