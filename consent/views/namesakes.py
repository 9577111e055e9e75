"""Who may be somebody who withdrew in another plan: the data controller settles it."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection import identities
from consent.actions.namesakes import AlreadySettled, settle_namesake
from consent.namesakes import open_questions
from consent.views import SignedInRequest
from consent.views.withdrawal import activities_by_person

YES, NO = "yes", "no"


class SettleForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Er det den samme person?"),
        choices=[
            (YES, _("Ja. Samtykket er trukket tilbage her også, og oplysningerne slettes.")),
            (NO, _("Nej, det er en anden. Oplysningerne bliver stående.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg et svar, når du ved det.")},
    )

    def __init__(self, data=None):
        super().__init__(data, use_required_attribute=False)


@requires(Permission.SETTLE_NAMESAKES)
@never_cache
def namesakes(request: SignedInRequest) -> HttpResponse:
    return render(request, "consent/namesakes.html", {"questions": list(open_questions()[:100])})


@requires(Permission.SETTLE_NAMESAKES, FORM)
@never_cache
def namesake(request: SignedInRequest, pk: int) -> HttpResponse:
    question = open_questions().filter(pk=pk).first()
    if question is None:
        raise Http404
    form = SettleForm(request.POST or None)
    if form.is_valid():
        same = form.cleaned_data["answer"] == YES
        try:
            settle_namesake(by=request.user, question=question, same=same)
        except AlreadySettled:
            messages.warning(request, gettext("Spørgsmålet er besvaret imens."))
        else:
            messages.success(
                request,
                gettext("Samtykket er trukket tilbage, og oplysningerne er slettet.")
                if same
                else gettext("Det er noteret, at det er en anden person."),
            )
        return redirect("consent:namesakes")
    person = question.participant
    held = identities.read_all(person, by=request.user)
    if "birth_date" in held:
        held["birth_date"] = date_format(date.fromisoformat(held["birth_date"]))
    activities = activities_by_person([person])[person.pk]
    context = {"question": question, "person": person, "held": held, "activities": activities, "form": form}
    return render(request, "consent/namesake.html", context)
