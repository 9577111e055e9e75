"""Asking on the screen: staff choose a text, the participant reads, answers and signs, staff unlock the device."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection.policies import activity_or_404
from consent import middleware
from consent.actions.screen import answer_sitting, delete_answer, end_sitting, start_sitting
from consent.forms.screen import ScreenForm
from consent.models import ScreenAnswer, Text
from consent.policies import answer_or_404
from consent.screen_words import WORDS
from consent.strokes import HEIGHT, MOST_POINTS, WIDTH, StrokesRefused, path_of
from consent.views import SignedInRequest
from consent.wording import as_html, direction

YES, NO = ScreenAnswer.Answer.YES, ScreenAnswer.Answer.NO


@requires(Permission.ENROL, FORM)
@never_cache
def start_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    activity = activity_or_404(request.user, pk)
    form = ScreenForm(request.POST or None, activity=activity)
    if request.method == "POST" and form.is_valid():
        assert form.text
        sitting = start_sitting(by=request.user, activity=activity, text=form.text)
        middleware.lock(request, sitting)
        return redirect("consent:sitting", sitting.pk)
    return render(request, "consent/screen/start.html", {"activity": activity, "form": form})


# --- What the participant sees. Open to the session that is locked to the sitting, and to nobody else. -----------


@requires(Permission.ENROL, FORM)
@never_cache
def sitting_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The text and the choice; once answered, the thanks."""
    sitting = _sitting(request, pk)
    if sitting is None:
        return redirect("consent:sitting_unlock", pk)
    if sitting.answer:
        return render(request, "consent/screen/thanks.html", _about(sitting) | {"said_yes": sitting.answer == YES})
    if request.method == "POST" and request.POST.get("answer") == NO:
        answer_sitting(by=request.user, sitting=sitting, answer=NO)
        return redirect(request.path)
    if request.method == "POST" and request.POST.get("answer") == YES:
        return redirect("consent:sitting_sign", pk)
    danish = Text.objects.filter(version=sitting.text.version, language="da").exclude(pk=sitting.text.pk).first()
    return render(
        request,
        "consent/screen/read.html",
        _about(sitting) | {"body": as_html(sitting.text), "danish": danish, "danish_body": danish and as_html(danish)},
    )


@requires(Permission.ENROL, FORM)
@never_cache
def sign_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A yes is said here: with the strokes of a signature, or without."""
    sitting = _sitting(request, pk)
    if sitting is None or sitting.answer:
        return redirect("consent:sitting", pk)
    refused = False
    if request.method == "POST":
        try:
            signature = path_of(request.POST["strokes"]) if "strokes" in request.POST else ""
        except StrokesRefused:
            refused = True
        else:
            answer_sitting(by=request.user, sitting=sitting, answer=YES, signature=signature)
            return redirect("consent:sitting", pk)
    box = {"width": WIDTH, "height": HEIGHT, "most_points": MOST_POINTS}
    return render(request, "consent/screen/sign.html", _about(sitting) | {"box": box, "refused": refused})


@requires(Permission.ENROL, FORM)
@never_cache
def unlock_page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The way back for staff: their password, code or passkey, under the same limit of guesses as at sign-in."""
    sitting = _sitting(request, pk)
    form = ConfirmForm(request, always=True)
    if (
        request.method == "POST" and not form.can_be_answered
    ):  # they sign in elsewhere, and nowhere leads there from here
        _unlocked(request, sitting)
        logout(request)
        return redirect(settings.LOGIN_URL)
    if form.is_valid():
        middleware.unlock(request)
        return redirect(_unlocked(request, sitting))
    return render(request, "consent/screen/unlock.html", {"form": form, "sitting_id": pk})


def _unlocked(request: SignedInRequest, sitting: ScreenAnswer | None) -> str:
    """Ends the sitting, and says where its staff go on."""
    if sitting is None:
        messages.info(request, _("Enheden er låst op. Svaret er slettet, fordi der er gået et døgn."))
        return reverse("home")
    end_sitting(by=request.user, sitting=sitting)
    if sitting.answer == YES:
        return f"{reverse('consent:enrol', args=[sitting.activity_id])}?svar={sitting.pk}"
    if sitting.answer == NO:
        messages.success(request, _("Svaret var nej. Det er talt med, og intet er gemt om personen."))
        messages.info(request, _("Er personen registreret fra før, så træk samtykket tilbage på personens side."))
    else:
        messages.info(request, _("Enheden er låst op. Der blev ikke svaret, og intet er gemt."))
    return reverse("consent:activity", args=[sitting.activity_id])


def _sitting(request: SignedInRequest, pk: UUID) -> ScreenAnswer | None:
    """The sitting of the session; None if it was deleted meanwhile. 404 for any other."""
    if middleware.sitting_of(request) != pk:
        raise Http404
    return ScreenAnswer.objects.select_related("activity", "text__version").filter(pk=pk).first()


def _about(sitting: ScreenAnswer) -> dict:
    text = sitting.text
    return {
        "sitting_id": sitting.pk,
        "text": text,
        "direction": direction(text),
        "words": WORDS[text.language],
    }


# --- What is left of it ------------------------------------------------------------------------------------------


@requires(Permission.ENROL, FORM)
@never_cache
def delete_page(request: SignedInRequest, pk: UUID, answer: UUID) -> HttpResponse:
    """A yes that nobody will be registered with: pressed by mistake, or of somebody who left again."""
    activity = activity_or_404(request.user, pk)
    waiting = answer_or_404(request.user, activity, answer)
    if request.method == "POST":
        delete_answer(by=request.user, answer=waiting)
        messages.success(request, _("Svaret er slettet."))
        return redirect("consent:activity", pk)
    return render(request, "consent/screen/delete.html", {"activity": activity, "answer": waiting})
