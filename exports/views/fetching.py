"""Fetching an archive: who it is once more, a link that works once, and the sealed file."""

import hashlib
from typing import BinaryIO
from uuid import UUID

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, GET, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from exports import policies, storage, wording
from exports.actions.deliveries import SomebodyLeft, build_again
from exports.actions.links import LinkUsed, TooManyLinks, hash_of, issue_link, use_link
from exports.models import Archive, Delivery, FetchLink, Reader
from exports.policies import NotAllowed, delivery_or_404
from exports.states import WrongState
from exports.views.deliveries import moved_on

log = structlog.get_logger(__name__)

FILE_NAMES = {Reader.OFFICER: "noegle", Reader.EVALUATOR: "data"}


@never_cache
@requires(Permission.SEE_PROJECTS, FORM)
def fetch(request: HttpRequest, pk: UUID, reader: str) -> HttpResponse:
    """Asks who it is once more; then leads to a link that gives the archive once."""
    delivery = delivery_or_404(request.user, pk)
    archive = get_object_or_404(delivery.archives, reader=reader)
    archive.delivery = delivery
    try:
        policies.check_can_fetch(request.user, archive)
        form = ConfirmForm(request)
        if form.is_valid():
            answer = redirect("exports:fetch_link", issue_link(by=request.user, archive=archive))
            answer["Referrer-Policy"] = "no-referrer"
            return answer
    except TooManyLinks:
        form.add_error(None, _("Du har hentet arkivet mange gange inden for en time. Vent lidt, og prøv igen."))
    except (NotAllowed, SomebodyLeft) as refused:
        return _refused(request, delivery, refused)
    name, content = wording.ARCHIVES[delivery.kind, archive.reader]
    context = {"delivery": delivery, "archive": archive, "name": name, "content": content, "form": form}
    return render(request, "exports/fetch.html", context)


@never_cache
@requires(Permission.SEE_PROJECTS, GET)  # HEAD would use the link up and give nothing
def fetch_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Streams the sealed archive to whom the link was made for, once. It is recorded before the first byte leaves."""
    found = FetchLink.objects.select_related("archive__delivery__project")
    link = found.filter(secret_hash=hash_of(secret), user=request.user.pk).first()
    if link is None:
        return _used(request, None)
    archive, delivery = link.archive, link.archive.delivery
    try:
        sealed = _opened(archive)
    except OSError as error:
        log.error("archive is not what was sealed", archive=str(archive.pk), error=type(error).__name__)
        messages.error(request, _("Arkivet kan ikke hentes: filen mangler eller er ændret. Kontakt driften."))
        return redirect("exports:delivery", delivery.pk)
    try:
        use_link(by=request.user, link=link)
    except BaseException as refused:
        sealed.close()
        if isinstance(refused, LinkUsed):
            return _used(request, link)
        if isinstance(refused, (NotAllowed, WrongState, SomebodyLeft)):
            return _refused(request, delivery, refused)
        raise
    name = f"leverance-{delivery.project.dst_number}-{delivery.number}-{FILE_NAMES[Reader(archive.reader)]}.zip.age"
    answer = FileResponse(sealed, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["Referrer-Policy"] = "no-referrer"
    return answer  # type: ignore[return-value]


class _Altered(OSError):
    """The file is not the one that was sealed."""


def _opened(archive: Archive) -> BinaryIO:
    """The sealed file, checked from end to end. Raises OSError."""
    sealed = storage.absolute(archive).open("rb")
    if hashlib.file_digest(sealed, "sha256").hexdigest() != archive.sha256:
        sealed.close()
        raise _Altered
    sealed.seek(0)
    return sealed


def _used(request: HttpRequest, link: FetchLink | None) -> HttpResponse:
    """The same page for a link that was used and for one that there never was, or is somebody else's."""
    delivery = link.archive.delivery if link else None
    answer = render(request, "exports/link_used.html", {"delivery": delivery}, status=410 if link else 404)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _refused(request: HttpRequest, delivery: Delivery, refused: Exception) -> HttpResponse:
    if isinstance(refused, NotAllowed) and refused.code != "wrong_state":
        raise PermissionDenied
    if not isinstance(refused, SomebodyLeft):  # expired, or built again by somebody else a moment ago
        return moved_on(request, delivery)
    try:
        build_again(by=request.user, delivery=delivery)
    except WrongState:
        return moved_on(request, delivery)
    messages.warning(
        request,
        _(
            "Et samtykke er ophørt, eller en nøgle er tilbagekaldt, siden filerne blev dannet. De dannes nu igen uden. "
            "Hent dem, når de er klar."
        ),
    )
    return redirect("exports:delivery", delivery.pk)
