"""The page between a button and what it does, where who it is must be proved once more (`accounts.step_up`)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.step_up import ConfirmForm


def ask_first(
    request: HttpRequest, confirm: ConfirmForm, *, lead: str, back: str, label: str, saves: bool = False
) -> HttpResponse:
    """The same request again, with `confirm` to be answered; what was sent is on that page and nowhere else.

    `lead`: what happens then; `back`, `label`: the way back; `saves`: the answer is a file, and the page stays.
    """
    own = {*confirm.base_fields, "csrfmiddlewaretoken"}
    sent = [(name, value) for name, values in request.POST.lists() if name not in own for value in values]
    context = {"confirm": confirm, "sent": sent, "lead": lead, "back": back, "label": label, "saves": saves}
    return render(request, "accounts/confirm_first.html", context | {"after": back})
