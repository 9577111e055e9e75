"""Signed forms: added beside the consent, fetched by who may read them."""

from uuid import UUID

import structlog
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.access import FORM, POST, requires
from accounts.confirming import ask_first
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from consent.actions.proofs import ProofRefused, add_scans, open_proof
from consent.forms.proofs import ScansForm
from consent.models import Decision
from consent.policies import given_consent_or_404, proof_or_404
from consent.queries import locked_proofs
from consent.uploads import InMemoryUploadHandler
from consent.views import SignedInRequest
from crypto.agefile import AgeError

log = structlog.get_logger(__name__)
PAGE_SIZE = 25
ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf", "image/svg+xml": "svg"}


@csrf_exempt  # for the moment only: the inner view checks, once the upload handler is in place
@requires(Permission.ENROL, FORM)
@never_cache
def proof_add(request: SignedInRequest, pk: UUID, decision: int) -> HttpResponse:
    """The handler must be set before anything reads the form, and the check of the CSRF token reads it."""
    upload = InMemoryUploadHandler()
    request.upload_handlers = [upload]
    return _proof_add(request, given_consent_or_404(request.user, pk, decision), upload)


@csrf_protect
def _proof_add(request: SignedInRequest, decision: Decision, upload: InMemoryUploadHandler) -> HttpResponse:
    person = reverse("consent:participant", args=[decision.participant_id])
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ScansForm(data, files, problem=upload.problem, cancel=person)
    if form.is_valid():
        scans = form.cleaned_data["scans"]
        try:
            add_scans(by=request.user, decision=decision, scans=scans)
        except ProofRefused:
            messages.warning(request, _("Samtykket er trukket tilbage imens. Blanketten er ikke gemt."))
            return redirect("consent:participants")
        count = len(scans)
        messages.success(
            request,
            ngettext("Blanketten er gemt krypteret.", "De %(count)s sider er gemt krypteret.", count)
            % {"count": count},
        )
        return redirect(person)
    return render(request, "consent/proof_add.html", {"decision": decision, "form": form, "back": person})


@requires(Permission.READ_PROOF, POST)
@never_cache
def proof(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The form or signature as a file to be saved, never as a part of a page. Who asks proves who they are, and the
    reading is recorded first."""
    found = proof_or_404(request.user, pk)
    back, label = reverse("consent:participant", args=[found.decision.participant_id]), _("Deltageren")
    if found.locked_at:
        back, label = reverse("consent:proofs_locked"), _("Låste blanketter")
    confirm = ConfirmForm(request)
    if not confirm.is_valid():
        return ask_first(request, confirm, lead=_("Så hentes filen."), back=back, label=label, saves=True)
    try:
        plain = open_proof(by=request.user, proof=found)
    except (AgeError, OSError) as error:
        log.error("proof does not open", proof=str(found.pk), error=type(error).__name__)
        messages.error(request, _("Blanketten kan ikke åbnes: filen mangler eller er ændret. Kontakt driften."))
        return redirect(back)
    name = f"samtykke-{found.decision.decided_on:%Y-%m-%d}-{found.pk.hex[:6]}.{ENDINGS[found.media_type]}"
    answer = FileResponse(plain, as_attachment=True, filename=name, content_type=found.media_type)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer  # type: ignore[return-value]


@requires(Permission.READ_LOCKED_PROOF)
@never_cache
def proofs_locked(request: SignedInRequest) -> HttpResponse:
    page = Paginator(locked_proofs(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "consent/proofs_locked.html", {"page": page})
