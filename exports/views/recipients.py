"""The keys that a project's archives are sealed to: the list, adding, confirming and revoking one, and the way to open
what was sealed."""

import hashlib
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from exports import policies, wording
from exports.actions.recipients import KeyRefused, add_recipient, confirm_recipient, revoke_recipient
from exports.forms.recipients import ConfirmForm, RecipientForm
from exports.models import Reader, Recipient
from exports.policies import NotAllowed, open_project_or_404, project_or_404, reader_of, recipient_or_404
from exports.recipients import Standing, fingerprint, standing_of
from exports.states import WrongState

TAGS = {
    Standing.WAITS: "warning",
    Standing.CONFIRMED: "success",
    Standing.EXPIRED: "neutral",
    Standing.REVOKED: "error",
}


@requires(Permission.SEE_PROJECTS)
def recipients(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = project_or_404(request.user, pk)
    found = project.recipients.select_related("added_by", "confirmed_by", "revoked_by", "project")
    rows = [_row(request.user, each) for each in found]
    context = {
        "project": project,
        "groups": [
            (reader.label, wording.SEALED_FOR[reader], [row for row in rows if row["key"].reader == reader])
            for reader in Reader
        ],
        "may_add": policies.can_add_recipient(request.user, project),
    }
    return render(request, "exports/recipients.html", context)


@requires(Permission.ADD_RECIPIENT, FORM)
def recipient_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    project = open_project_or_404(request.user, pk)
    back = reverse("exports:recipients", args=[project.pk])
    form = RecipientForm(request.POST or None, today=localdate(), cancel=back)
    if form.is_valid():
        values = form.cleaned_data
        try:
            recipient = add_recipient(
                by=request.user,
                project=project,
                name=values["name"],
                key=values["public_key"],
                expires_on=values["expires_on"],
            )
        except KeyRefused as refused:
            form.refuse(refused.code)
        else:
            messages.success(request, _("Nøglen er tilføjet. Den bruges, når den er bekræftet."))
            if policies.can_confirm(request.user, recipient):
                return redirect("exports:recipient_confirm", project.pk, recipient.pk)
            return redirect(back)
    reader = reader_of(request.user)
    content = wording.SEALED_FOR[reader] if reader else ""
    return render(request, "exports/recipient_new.html", {"project": project, "form": form, "content": content})


@requires(Permission.CONFIRM_RECIPIENT, FORM)
def recipient_confirm(request: HttpRequest, pk: UUID, recipient: UUID) -> HttpResponse:
    """The fingerprint, to be compared with the recipient by another way than this site."""
    key = recipient_or_404(request.user, pk, recipient)
    back = reverse("exports:recipients", args=[pk])
    try:
        policies.check_can_confirm(request.user, key)
    except NotAllowed as refused:
        if refused.code != "own_key":
            return _moved_on(request, key)
        raise PermissionDenied from None
    form = ConfirmForm(request.POST or None, own=key.added_by_id == request.user.pk, cancel=back)
    if form.is_valid():
        try:
            confirm_recipient(by=request.user, recipient=key, way=Recipient.Way(form.cleaned_data["way"]))
        except (NotAllowed, WrongState):
            return _moved_on(request, key)
        messages.success(request, _("Nøglen er bekræftet. Nye leverancer forsegles til den."))
        return redirect(back)
    return render(request, "exports/recipient_confirm.html", _row(request.user, key) | {"form": form})


@requires(Permission.ADD_RECIPIENT, FORM)
def recipient_revoke(request: HttpRequest, pk: UUID, recipient: UUID) -> HttpResponse:
    """Asks once."""
    key = recipient_or_404(request.user, pk, recipient)
    if key.revoked_at is not None:
        return _moved_on(request, key)
    if not policies.can_revoke(request.user, key):
        raise PermissionDenied
    if request.method == "POST":
        try:
            revoke_recipient(by=request.user, recipient=key)
        except WrongState:
            return _moved_on(request, key)
        messages.success(request, _("Nøglen er tilbagekaldt. Der forsegles ikke mere til den."))
        return redirect("exports:recipients", pk)
    return render(request, "exports/recipient_revoke.html", _row(request.user, key))


# --- Opening what was sealed ----------------------------------------------------------------------------

TOOL = settings.BASE_DIR / "scripts" / "open_delivery.py"


@cache
def _tool() -> bytes:
    return TOOL.read_bytes()


@requires(Permission.SEE_PROJECTS)
def opening(request: HttpRequest) -> HttpResponse:
    """How to open an archive, and the tool for it with its SHA-256."""
    return render(request, "exports/opening.html", {"sha256": hashlib.sha256(_tool()).hexdigest()})


@requires(Permission.SEE_PROJECTS)
def open_delivery(request: HttpRequest) -> HttpResponse:
    """The tool itself."""
    answer = HttpResponse(_tool(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{TOOL.name}"'
    return answer


# --- Parts ----------------------------------------------------------------------------------------------


def _row(user, key: Recipient) -> dict:
    standing = standing_of(key, on=localdate())
    return {
        "project": key.project,
        "key": key,
        "fingerprint": fingerprint(key.public_key),
        "standing": standing.label,
        "tag": TAGS[standing],
        "may_confirm": policies.can_confirm(user, key),
        "may_revoke": policies.can_revoke(user, key),
    }


def _moved_on(request: HttpRequest, key: Recipient) -> HttpResponse:
    messages.warning(request, _("Nøglen er ændret imens. Her står, hvordan den står nu."))
    return redirect("exports:recipients", key.project_id)
