"""Consent texts as the data controller sees them: documents, their versions, and two of them side by side."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.access import POST, requires
from accounts.permissions import Permission
from consent.actions.texts import TextRefused, create_draft
from consent.differences import Row, compare, words
from consent.forms.versions import REFUSALS, CompareForm, language_choices
from consent.models import Audience, Document, Text, Version
from consent.models.texts import DANISH, LANGUAGES, PURPOSES
from consent.versions import (
    all_documents,
    blanks_to_fill,
    consents_by_version,
    documents,
    languages_of,
    unfilled,
    untouched_translations,
    versions_of,
)
from consent.views import SignedInRequest
from consent.wording import DANISH_NAMES, direction, shown


@requires(Permission.PUBLISH_TEXTS)
def document_list(request: SignedInRequest) -> HttpResponse:
    known = documents()
    versions = list(versions_of(known.values()))
    languages, today = languages_of(versions), localdate()
    consents = {purpose: consents_by_version(purpose, on=today) for purpose in PURPOSES}
    purposes: dict[str, list[dict]] = {}
    for purpose, audience in all_documents():
        document = known.get((purpose, audience))
        own = [version for version in versions if document and version.document_id == document.pk]
        rows = [
            {
                "version": version,
                "languages": [DANISH_NAMES[code] for code in languages.get(version.pk, [])],
                "consents": consents[purpose].get(version.pk, 0),
            }
            for version in own
        ]
        purposes.setdefault(str(document.purpose) if document else PURPOSES[purpose][0], []).append(
            {
                "purpose": purpose,
                "audience": Audience(audience),
                "document": document,
                "rows": rows,
                "draft": next((version for version in own if version.published_at is None), None),
                "example": any(version.is_example and version.state == "published" for version in own),
                "in_use": any(version.state == "published" for version in own),
            }
        )
    return render(request, "consent/documents.html", {"purposes": purposes.items()})


@requires(Permission.PUBLISH_TEXTS, POST)
def draft_new(request: SignedInRequest) -> HttpResponse:
    purpose, audience = request.POST.get("purpose", ""), request.POST.get("audience", "")
    if (purpose, audience) not in all_documents():
        raise Http404
    try:
        version = create_draft(by=request.user, purpose=purpose, audience=audience)
    except TextRefused as refusal:
        messages.warning(request, REFUSALS[refusal.code])
        return redirect("consent:documents")
    messages.success(request, _("Kladden er oprettet. Ret teksten, og offentliggør den, når den er færdig."))
    return redirect("consent:version", version.pk)


@requires(Permission.PUBLISH_TEXTS)
def version_page(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(Version.objects.select_related("document__purpose"), pk=pk)
    texts = {text.language: text for text in version.texts.all()}
    draft = version.published_at is None
    blanks, untouched = (unfilled(texts.values()), untouched_translations(version)) if draft else ([], [])
    language = request.GET.get("sprog", "")
    text = texts.get(language) or texts.get(DANISH) or next(iter(texts.values()), None)
    return render(
        request,
        "consent/version.html",
        {
            "version": version,
            "draft": draft,
            "to_fill": draft and blanks_to_fill(texts.values()),
            "consents": consents_by_version(version.document.purpose_id, on=localdate()).get(version.pk, 0),
            "languages": [
                {
                    "code": code,
                    "name": DANISH_NAMES[code],
                    "own": LANGUAGES[code],
                    "text": texts[code],
                    "unfilled": code in blanks,
                    "untouched": code in untouched,
                }
                for code in LANGUAGES
                if code in texts
            ],
            "missing": [(code, DANISH_NAMES[code]) for code in LANGUAGES if code not in texts],
            "missing_names": ", ".join(str(DANISH_NAMES[code]).lower() for code in LANGUAGES if code not in texts),
            "comparable": version.document.versions.count() > 1,
            **(shown(text) if text else {"text": None}),
        },
    )


@requires(Permission.PUBLISH_TEXTS)
def compare_page(request: SignedInRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document.objects.select_related("purpose"), pk=pk)
    versions = {version.number: version for version in versions_of([document])}
    if len(versions) < 2:
        raise Http404
    codes = {code for found in languages_of(versions.values()).values() for code in found}
    form = CompareForm(request.GET, numbers=list(versions), languages=[code for code in LANGUAGES if code in codes])
    context: dict = {"document": document, "form": form}
    if form.is_valid():
        language = form.cleaned_data["sprog"]
        old, new = (versions[int(form.cleaned_data[side])] for side in ("fra", "til"))
        found = {text.version_id: text for text in Text.objects.filter(version__in=[old, new], language=language)}
        context |= {"old": old, "new": new, "language_name": dict(language_choices())[language]}
        context["missing"] = [version for version in (old, new) if version.pk not in found]
        if not context["missing"]:
            texts = found[old.pk], found[new.pk]
            title = Row("heading", *words(*(text.title for text in texts)))
            context["rows"] = [title, *compare(*(text.body for text in texts))]
            context["alike"] = all(row.same for row in context["rows"])
            context |= {"language": language, "direction": direction(texts[0])}
    return render(request, "consent/compare.html", context)
