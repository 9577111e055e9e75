"""Writing a consent text, publishing it, and what becomes of the consents that people have given to it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from consent.actions.texts import (
    Earlier,
    TextRefused,
    delete_draft,
    delete_text,
    fill_blanks,
    let_lapse,
    publish_version,
    save_text,
    stop_offering,
)
from consent.forms.versions import REFUSALS, BlanksForm, ConsentsForm, TextForm
from consent.models import Text, Version
from consent.models.texts import DANISH, LANGUAGES
from consent.versions import blanks_to_fill, consents_by_version, earlier_in_force, unfilled, untouched_translations
from consent.views import SignedInRequest
from consent.wording import DANISH_NAMES, shown


def _version(pk: int) -> Version:
    return get_object_or_404(Version.objects.select_related("document__purpose"), pk=pk)


def _draft(pk: int) -> Version:
    return get_object_or_404(Version.objects.select_related("document__purpose"), pk=pk, published_at__isnull=True)


def _page_of(version: Version, language: str = "") -> str:
    page = reverse("consent:version", args=[version.pk])
    return f"{page}?sprog={language}" if language else page


@requires(Permission.PUBLISH_TEXTS, FORM)
def text_edit(request: SignedInRequest, pk: int, language: str) -> HttpResponse:
    # a version that was published meanwhile still takes the words that were sent, to show them again
    version = _version(pk) if request.method == "POST" else _draft(pk)
    if language not in LANGUAGES:
        raise Http404
    texts = {text.language: text for text in version.texts.filter(language__in={language, DANISH})}
    text = texts.get(language)
    form = TextForm(request.POST or None, language=language, text=text, cancel=_page_of(version, language))
    context: dict[str, Any] = {"version": version, "form": form, "is_new": text is None, "language": language}
    if request.method == "POST" and form.is_valid():
        title, body = form.cleaned_data["title"], form.cleaned_data["body"]
        if "preview" in request.POST:
            text = Text(version=version, language=language, title=title, body=body)
            context |= {"preview": True, **shown(text)}
        else:
            try:
                save_text(
                    by=request.user,
                    version=version,
                    language=language,
                    title=title,
                    body=body,
                    seen=form.cleaned_data["seen"],
                )
            except TextRefused as refusal:
                form.refuse(refusal.code, text)
            else:
                messages.success(request, _("Teksten er gemt i kladden."))
                return redirect(_page_of(version, language))
    context["language_name"] = DANISH_NAMES[language]
    if language != DANISH and DANISH in texts:
        context["danish"] = shown(texts[DANISH])
    return render(request, "consent/text_edit.html", context)


@requires(Permission.PUBLISH_TEXTS, FORM)
def blanks_page(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _draft(pk)
    places = blanks_to_fill(version.texts.all())
    if not places:
        return redirect(_page_of(version))
    form = BlanksForm(request.POST or None, blanks=places, cancel=_page_of(version))
    if request.method == "POST" and form.is_valid():
        return _done(request, version, _("Felterne er udfyldt på alle sprog."), fill_blanks, values=form.values)
    return render(request, "consent/blanks.html", {"version": version, "form": form})


@requires(Permission.PUBLISH_TEXTS, FORM)
def text_delete(request: SignedInRequest, pk: int, language: str) -> HttpResponse:
    version = _draft(pk)
    text = get_object_or_404(version.texts, language=language)
    if request.method == "POST":
        return _done(request, version, _("Sproget er slettet i kladden."), delete_text, language=language)
    return render(request, "consent/text_delete.html", {"version": version, "name": DANISH_NAMES[text.language]})


@requires(Permission.PUBLISH_TEXTS, FORM)
def draft_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _draft(pk)
    if request.method == "POST":
        return _done(request, version, _("Kladden er slettet."), delete_draft)
    return render(request, "consent/draft_delete.html", {"version": version})


def _done(request: SignedInRequest, version: Version, sentence: str, verb: Any, **options: Any) -> HttpResponse:
    """Does `verb` and goes to the version, or where that is gone to the list."""
    try:
        verb(by=request.user, version=version, **options)
    except TextRefused as refusal:
        messages.warning(request, REFUSALS[refusal.code])
    else:
        messages.success(request, sentence)
    return redirect("consent:documents") if verb is delete_draft else redirect(_page_of(version))


@requires(Permission.PUBLISH_TEXTS, FORM)
def publish_page(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _draft(pk)
    texts = list(version.texts.all())
    languages = [code for code in LANGUAGES if code in {text.language for text in texts}]
    earlier = earlier_in_force(version)
    counts = consents_by_version(version.document.purpose_id, on=localdate())
    consents = sum(counts.get(each.pk, 0) for each in earlier)
    untouched = [str(DANISH_NAMES[code]).lower() for code in untouched_translations(version)]
    warning = _("Den danske tekst er ændret, men ikke teksten på %(languages)s. Siger de stadig det samme?")
    form = ConsentsForm(
        request.POST or None,
        label=_("Hvad skal der ske med samtykker til de tidligere udgaver?"),
        choices=Earlier.choices if earlier else [],
        hints={
            Earlier.OFFER: _("Vælg det, hvis der stadig ligger underskrevne papirer, som skal registreres."),
            Earlier.KEEP: _("Nye samtykker gives kun til den nye udgave."),
            Earlier.ASK_AGAIN: _("Vælg det, hvis den nye tekst beder om lov til mere end før."),
            Earlier.END: _("Ingen, der har sagt ja til en tidligere udgave, kan indgå i leverancer fra i dag."),
        },
        consents=consents,
        today=localdate(),
        button=_("Offentliggør udgave %(number)s") % {"number": version.number},
        cancel=_page_of(version),
        warnings=[warning % {"languages": ", ".join(untouched)}] if untouched else [],
    )
    blanks = [] if version.is_example else unfilled(texts)
    faults = (
        [] if DANISH in languages else [(DANISH, _("Den danske tekst mangler. Den skal være der, for den gælder."))]
    )
    faults += [
        (code, _("%(language)s: Noget i kantede parenteser er ikke udfyldt endnu.") % {"language": DANISH_NAMES[code]})
        for code in LANGUAGES
        if code in blanks
    ]
    if request.method == "POST" and not faults and form.is_valid():
        if not form.confirmed:
            form.add_error("confirm", _("Sæt kryds, hvis det er rigtigt."))
        elif _publish(request, version, form):
            return redirect(_page_of(version))
    return render(
        request,
        "consent/publish.html",
        {
            "version": version,
            "form": form,
            "faults": faults,
            "to_fill": bool(blanks and blanks_to_fill(texts)),
            "languages": [str(DANISH_NAMES[code]).lower() for code in languages],
            "missing": [str(DANISH_NAMES[code]).lower() for code in LANGUAGES if code not in languages],
            "earlier": [{"version": each, "consents": counts.get(each.pk, 0)} for each in earlier],
        },
    )


def _publish(request: SignedInRequest, version: Version, form: ConsentsForm) -> bool:
    becomes = form.cleaned_data.get("becomes")
    try:
        publish_version(
            by=request.user,
            version=version,
            earlier=Earlier(becomes) if becomes else Earlier.OFFER,
            until=form.cleaned_data.get("until"),
        )
    except TextRefused as refusal:
        form.refuse(refusal.code)
        return False
    messages.success(request, _("Udgave %(number)s er offentliggjort og kan bruges nu.") % {"number": version.number})
    return True


@requires(Permission.PUBLISH_TEXTS, FORM)
def consents_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """What becomes of the consents to a version that is published already."""
    version = get_object_or_404(
        Version.objects.select_related("document__purpose"), pk=pk, published_at__isnull=False, consents_lapse_on=None
    )
    consents = consents_by_version(version.document.purpose_id, on=localdate()).get(version.pk, 0)
    choices = [
        (Earlier.KEEP, _("De gælder stadig, men udgaven bruges ikke længere")),
        (Earlier.ASK_AGAIN, Earlier.ASK_AGAIN.label),
        (Earlier.END, Earlier.END.label),
    ]
    form = ConsentsForm(
        request.POST or None,
        label=_("Hvad skal der ske med samtykker til udgaven?"),
        choices=choices[version.ended_at is not None :],
        hints={
            Earlier.KEEP: _("Ingen kan give nye samtykker til udgaven."),
            Earlier.ASK_AGAIN: _("Papirer, der allerede er skrevet under, kan registreres indtil da."),
            Earlier.END: _("Ingen, der har sagt ja til udgaven, kan indgå i leverancer fra i dag."),
        },
        consents=consents,
        today=localdate(),
        button=_("Gem"),
        cancel=_page_of(version),
        warnings=[],
    )
    if request.method == "POST" and form.is_valid():
        if not form.confirmed:
            form.add_error("confirm", _("Sæt kryds, hvis det er rigtigt."))
        elif _settle(request, version, form):
            return redirect(_page_of(version))
    only = (
        not version.document.versions.filter(published_at__isnull=False, ended_at=None, consents_lapse_on=None)
        .exclude(pk=version.pk)
        .exists()
    )
    context = {"version": version, "form": form, "consents": consents, "only": only}
    return render(request, "consent/consents.html", context)


def _settle(request: SignedInRequest, version: Version, form: ConsentsForm) -> bool:
    becomes = form.cleaned_data["becomes"]
    try:
        if becomes == Earlier.KEEP:
            stop_offering(by=request.user, version=version)
        else:
            day = form.cleaned_data["until"] if becomes == Earlier.ASK_AGAIN else localdate()
            let_lapse(by=request.user, version=version, on=day)
    except TextRefused as refusal:
        form.refuse(refusal.code)
        return False
    messages.success(request, _("Det er gemt."))
    return True
