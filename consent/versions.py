"""Questions about the versions of a document: what there is, what rests on them, what is still to be looked at."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, QuerySet

from consent import gate
from consent.actions.texts import beginnings, blanks
from consent.models import Audience, Document, Text, Version
from consent.models.texts import DANISH, LANGUAGES, PURPOSES


def documents() -> dict[tuple[str, str], Document]:
    """The documents that there are, by purpose and audience."""
    return {(each.purpose_id, each.audience): each for each in Document.objects.select_related("purpose")}


def all_documents() -> list[tuple[str, str]]:
    """Purpose and audience of every document that there can be."""
    return [(purpose, audience.value) for purpose in PURPOSES for audience in Audience]


def versions_of(documents: Iterable[Document]) -> QuerySet[Version]:
    """The newest first."""
    versions = Version.objects.filter(document__in=documents).select_related("document__purpose")
    return versions.order_by("document", "-number")


def languages_of(versions: Iterable[Version]) -> dict[int, list[str]]:
    """The languages of each version, in the order of LANGUAGES."""
    found: dict[int, set[str]] = {}
    for version, language in Text.objects.filter(version__in=versions).values_list("version", "language"):
        found.setdefault(version, set()).add(language)
    return {version: [code for code in LANGUAGES if code in codes] for version, codes in found.items()}


def consents_by_version(purpose: str, *, on: date) -> dict[int, int]:
    """How many participants' valid consent rests on each version: counted by text, so that no consent needs a join."""
    version_of = dict(Text.objects.values_list("pk", "version"))
    found: dict[int, int] = {}
    valid = gate.valid_decisions(purpose, on=on).filter(text__isnull=False)
    for row in valid.values("text").annotate(count=Count("pk")).order_by():
        version = version_of[row["text"]]
        found[version] = found.get(version, 0) + row["count"]
    return found


def earlier_in_force(version: Version) -> list[Version]:
    """Published versions of the same document, other than this one, to which consents do not lapse yet."""
    others = version.document.versions.filter(published_at__isnull=False, consents_lapse_on__isnull=True)
    return list(others.exclude(pk=version.pk).order_by("-number"))


def unfilled(texts: Iterable[Text]) -> list[str]:
    """Languages in which something in square brackets is still to be filled in."""
    return [text.language for text in texts if blanks(text.title) or blanks(text.body)]


def blanks_to_fill(texts: Iterable[Text]) -> list[str]:
    """What the Danish text leaves to be filled in, if all languages have as many places for it."""
    places = {text.language: blanks(text.body) for text in texts}
    danish = places.get(DANISH, [])
    return danish if all(len(found) in (0, len(danish)) for found in places.values()) else []


def untouched_translations(draft: Version) -> list[str]:
    """Languages whose words are as the draft began, although the Danish ones have changed."""
    document = draft.document
    source = document.versions.filter(number__lt=draft.number).order_by("-number").first()
    began = {language: Text.hash_of(title, body) for language, title, body in beginnings(document, source)}
    now = dict(draft.texts.values_list("language", "sha256"))
    if began.get(DANISH) == now.get(DANISH):
        return []
    return [code for code in LANGUAGES if code != DANISH and code in now and now[code] == began.get(code)]
