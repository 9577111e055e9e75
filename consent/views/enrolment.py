"""Registering somebody with their consent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, POST, requires
from accounts.permissions import Permission
from collection.cpr import CprProblem, age_on, mask
from collection.models import Activity, Participant
from collection.policies import activity_or_404
from consent import gate
from consent.actions.enrol import AlreadyRegistered, EnrolmentRefused, enrol, find_registered
from consent.actions.tell import may_be_told, tell_registered
from consent.forms.enrolment import EnrolForm
from consent.forms.screen import AnsweredEnrolForm
from consent.forms.sentences import REFUSALS
from consent.models import ScreenAnswer
from consent.policies import answer_or_404
from consent.views import SignedInRequest

TOO_MANY_REQUESTS = 429
UNFINISHED = {CprProblem.EMPTY, CprProblem.TOO_SHORT, CprProblem.LOST_ZERO}


@requires(Permission.ENROL, FORM)
@never_cache
def enrol_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    activity = activity_or_404(request.user, pk)
    answer = _answer(request, activity)
    if answer is not None and not answer.is_waiting:
        messages.warning(request, REFUSALS["answer_unusable"][1])
        return redirect("consent:activity", pk)
    form = _form(request, activity, answer)
    status = 200
    if request.method == "POST" and form.is_valid():
        if not may_be_told(request.user):
            status = TOO_MANY_REQUESTS
            form.add_error(
                None,
                _(
                    "Du har den seneste time mange gange fået at vide, at en person allerede er registreret. "
                    "Vent en time, før du registrerer flere. Det, du har skrevet, er ikke gemt."
                ),
            )
        elif saved := _save(request, activity, form, answer):
            return redirect(f"{reverse('consent:participant', args=[saved.pk])}?registreret={activity.pk}")
    context = {"activity": activity, "form": form, "sitting": answer}
    return render(request, "consent/enrol.html", context, status=status)


def _answer(request: SignedInRequest, activity: Activity) -> ScreenAnswer | None:
    """The yes from the screen that the address names, if it names one."""
    if "svar" not in request.GET:
        return None
    try:
        return answer_or_404(request.user, activity, UUID(request.GET["svar"]))
    except ValueError:
        raise Http404 from None


def _form(request: SignedInRequest, activity: Activity, answer: ScreenAnswer | None) -> EnrolForm:
    options: dict[str, Any] = {"activity": activity, "by": request.user, "today": localdate()}
    data = request.POST or None
    if answer is not None:
        return AnsweredEnrolForm(data, sitting=answer, **options)
    form = EnrolForm(data, **options)
    form.begin_with(request.GET.get("tekst", ""), request.GET.get("metode", ""))
    return form


def _save(
    request: SignedInRequest, activity: Activity, form: EnrolForm, answer: ScreenAnswer | None
) -> Participant | None:
    """The participant, or None where the form has more to ask or to say."""
    identity = form.identity
    assert identity
    assert form.consent
    assert form.began
    if form.questions:
        _meet(form, find_registered(activity, identity))
    else:
        try:
            return enrol(
                by=request.user,
                activity=activity,
                consent=form.consent,
                identity=identity,
                start=form.began,
                answer=answer,
                form_id=form.cleaned_data["form_id"],
                **form.answer,
                **form.earlier_count(),
            ).participant
        except AlreadyRegistered as known:
            _meet(form, known.participants)
        except EnrolmentRefused as refusal:
            form.refuse(refusal.code)
            if refusal.code == "already_in_activity":  # says as much as the question whether it is the same person
                tell_registered(by=request.user, about=activity, participants=find_registered(activity, identity))
            return None
    tell_registered(by=request.user, about=activity, participants=form.registered)
    return None


def _meet(form: EnrolForm, registered: list[Participant]) -> None:
    labels = {}
    taking_part: dict[UUID, list[str]] = {}
    for participation in gate.of_participants(registered) if registered else ():
        taking_part.setdefault(participation.participant_id, []).append(participation.activity.name)
    for row in registered:
        labels[row.pk] = _("registreret %(day)s, deltager i %(activities)s") % {
            "day": date_format(row.registered_at),
            "activities": ", ".join(dict.fromkeys(taking_part.get(row.pk, ()))),
        }
    form.meet(registered, labels)


@requires(Permission.ENROL, POST)
@never_cache
def cpr_feedback(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the number itself says, while it is typed. Never whether anybody is registered."""
    activity = activity_or_404(request.user, pk)
    today = localdate()
    form = _form(request, activity, _answer(request, activity))
    form.is_valid()
    problems = form.errors.as_data().get("cpr", [])
    unfinished = any(problem.code in UNFINISHED for problem in problems)
    digits = sum(char.isdigit() for char in request.POST.get("cpr", ""))
    return render(
        request,
        "consent/parts/cpr_feedback.html",
        {
            "form": form,
            "masked": mask(form.number.digits) if form.number else "",
            "age": age_on(form.number.birth_date, today) if form.number else None,
            "missing": 10 - digits if unfinished and 0 < digits < 10 else 0,
            "problems": [] if unfinished else [message for problem in problems for message in problem.messages],
            "misfits": [
                message
                for found in form.errors.as_data().values()
                for problem in found
                if problem.code == "text_does_not_fit_age"
                for message in problem.messages
            ],
        },
    )
