"""The decision on a prepared delivery: all that it would give to whom, and yes or no with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from exports import approvals, policies, recipients, wording
from exports.actions.deliveries import approve, bring_up_to_date, reject
from exports.forms.decisions import DecisionForm
from exports.models import Delivery
from exports.policies import NotAllowed, delivery_or_404
from exports.states import WrongState
from exports.views.deliveries import about


@requires(Permission.APPROVE_DELIVERY, FORM)
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything needed to say yes or no to the prepared set; somebody's own request says why they can't."""
    delivery = delivery_or_404(request.user, pk)
    try:
        policies.check_can_decide(request.user, delivery)
    except NotAllowed as refused:
        if refused.code not in ("own_request", "own_change"):
            messages.warning(request, str(wording.REFUSALS["not_prepared"]))
            return redirect("exports:delivery", delivery.pk)
        context = about(delivery) | {"why_not": wording.REFUSALS[refused.code]}
        return render(request, "exports/decide.html", context, status=403)
    bring_up_to_date(delivery)
    hindrances = approvals.hindrances(delivery)
    form = DecisionForm(
        request.POST or None,
        shown=approvals.shown(delivery),
        hindered=bool(hindrances),
        acceptance=policies.needs_acceptance(delivery),
        cancel=reverse("exports:delivery", args=[delivery.pk]),
    )
    confirm = ConfirmForm(request)
    if form.is_valid() and confirm.is_valid():
        try:
            _decide(request, delivery, form.cleaned_data)
        except (WrongState, NotAllowed):
            messages.warning(
                request, _("Leverancen er ændret, siden du åbnede siden. Se den igennem igen, før du tager stilling.")
            )
            return redirect("exports:decide", delivery.pk)
        return redirect("exports:delivery", delivery.pk)
    context = about(delivery) | {
        "form": form,
        "confirm": confirm,
        "hindrances": [(code, wording.HINDRANCES[code]) for code in hindrances],
        "recipients": _recipients(delivery),
    }
    return render(request, "exports/decide.html", context)


def _decide(request: HttpRequest, delivery: Delivery, answer: dict) -> None:
    said = {"by": request.user, "delivery": delivery, "shown": answer["shown"], "reason": answer["reason"]}
    if answer["decision"] == DecisionForm.YES:
        approve(**said, k_accepted=answer.get("k_accepted", ""))
        messages.success(request, _("Leverancen er godkendt. Filerne dannes nu."))
    else:
        reject(**said)
        messages.success(request, _("Leverancen er afvist. Bestilleren kan læse begrundelsen."))


def _recipients(delivery: Delivery) -> list[dict]:
    """Of each reader: what they get, and the keys that it is sealed to (name and fingerprint)."""
    keys = delivery.report.get("recipients", [])
    return [
        {
            "reader": reader.label,
            "content": wording.ARCHIVES[delivery.kind, reader][1],
            "keys": [each for each in keys if each["reader"] == reader],
        }
        for reader in recipients.READERS[delivery.kind]
    ]
