"""The pictures of a comparison group, and ordering what is left of it again."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import POST, requires
from accounts.permissions import Permission
from exports import groups, storage, vault, wording
from exports.actions.deliveries import request_delivery
from exports.models import Delivery
from exports.policies import delivery_or_404
from exports.views.deliveries import moved_on

PICTURES = ("flow", "love")


@never_cache
@requires(Permission.SEE_PROJECTS)
def picture(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Flow chart or Love plot as SVG, in the language of the page, for its <img>. By itself it may load and run
    nothing."""
    delivery = delivery_or_404(request.user, pk)
    language = wording.in_language(("da", "en"))
    if name not in PICTURES:
        raise Http404
    try:
        path = storage.picture_path(storage.delivery_folder(delivery), name, language)
        with vault.open_sealed(path) as plain:
            answer = HttpResponse(plain.read(), content_type="image/svg+xml")
    except FileNotFoundError:
        raise Http404 from None
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


@requires(Permission.REQUEST_DELIVERY, POST)
def same_group(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Orders the delivery's group again: what is left of it."""
    delivery = delivery_or_404(request.user, pk)
    if not groups.can_be_ordered_again(delivery):
        return moved_on(request, delivery)
    again = request_delivery(
        by=request.user, project=delivery.project, kind=Delivery.Kind.COMPARISON, definition=delivery.definition
    )
    messages.success(request, _("Leverance %(number)s er bestilt.") % {"number": again.number})
    return redirect("exports:delivery", again.pk)
