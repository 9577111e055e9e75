"""Consent texts: drafted, corrected, published, taken out of use.

What is published never changes again (`consent.triggers` holds the database to it): other words are a new version.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.recording import Recorder, audited
from consent.folders import EXAMPLES, read_folder, without_notice
from consent.models import Audience, Document, Purpose, Text, Version
from consent.models.texts import DANISH, PURPOSES

_BLANK = re.compile(r"\[[^\[\]]+\]")


class TextRefused(Exception):
    """Something that may not be done to a version of a consent text; `code` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class Earlier(models.TextChoices):
    """What becomes of the consents to earlier versions when a new one is published."""

    OFFER = "offer", _("De gælder stadig, og de tidligere udgaver kan stadig bruges")
    KEEP = "keep", _("De gælder stadig, men de tidligere udgaver bruges ikke længere")
    ASK_AGAIN = "ask_again", _("De gælder indtil en dato, og deltagerne bliver spurgt igen")
    END = "end", _("De ophører nu")


# --- Drafts ---------------------------------------------------------------------------------------------


def create_draft(*, by: User, purpose: str, audience: str) -> Version:
    """A new version that begins as a copy of the newest one, or where there is none, of the shipped example.

    The examples' notice that they are examples is left out. Raises TextRefused: draft_exists.
    """
    with audited(by=by) as log:
        document = document_of(purpose, audience)
        if document.versions.filter(published_at__isnull=True).exists():
            raise TextRefused("draft_exists")
        newest = document.versions.order_by("-number").first()
        version = Version.objects.create(document=document, number=newest.number + 1 if newest else 1)
        for language, title, body in beginnings(document, newest):
            write_text(version, language, title, body)
        _log(log, "text.drafted", version)
    return version


def beginnings(document: Document, newest: Version | None) -> list[tuple[str, str, str]]:
    """What a draft after `newest` begins with: language, title and body of each text."""
    if newest is None:
        shipped = [text for text in read_folder(EXAMPLES) if text.audience == document.audience]
        return [(text.language, text.title, without_notice(text.body)) for text in shipped]
    body_of = without_notice if newest.is_example else str
    return [(text.language, text.title, body_of(text.body)) for text in newest.texts.all()]


def save_text(*, by: User, version: Version, language: str, title: str, body: str, seen: str | None = None) -> Text:
    """Writes a draft in a language, in place of what was there.

    `seen`: the hash of what was there when the writing began ("" where there was nothing), if that is to be looked at.
    Raises TextRefused: not_a_draft, changed_meanwhile.
    """
    with audited(by=by) as log:
        draft = _draft(version)
        if seen is not None and seen != (
            draft.texts.values_list("sha256", flat=True).filter(language=language).first() or ""
        ):
            raise TextRefused("changed_meanwhile")
        # one end of line for all browsers, or the hash would depend on who typed
        text = write_text(draft, language, " ".join(title.split()), "\n".join(body.splitlines()).strip() + "\n")
        _log(log, "text.saved", draft, language=language)
    return text


def write_text(version: Version, language: str, title: str, body: str) -> Text:
    """A version in a language, in place of what was there, with its hash."""
    values = {"title": title, "body": body, "sha256": Text.hash_of(title, body)}
    return Text.objects.update_or_create(version=version, language=language, defaults=values)[0]


def fill_blanks(*, by: User, version: Version, values: Sequence[str]) -> None:
    """Puts `values` into the square brackets of every language of a draft, each into the place it has in Danish.

    Raises TextRefused: not_a_draft, blanks_differ.
    """
    with audited(by=by) as log:
        draft = _draft(version)
        for text in draft.texts.order_by("language"):
            places = blanks(text.body)
            if places and len(places) != len(values):
                raise TextRefused("blanks_differ")
            if places:
                coming = iter(values)
                body = _BLANK.sub(lambda _place: next(coming), text.body)  # noqa: B023  # done before the next round
                write_text(draft, text.language, text.title, body)
                _log(log, "text.saved", draft, language=text.language)


def delete_text(*, by: User, version: Version, language: str) -> None:
    """Takes a language out of a draft. Raises TextRefused: not_a_draft."""
    with audited(by=by) as log:
        draft = _draft(version)
        if draft.texts.filter(language=language).delete()[0]:
            _log(log, "text.language_removed", draft, language=language)


def delete_draft(*, by: User, version: Version) -> None:
    """Raises TextRefused: not_a_draft."""
    with audited(by=by) as log:
        draft = _draft(version)
        _log(log, "text.draft_deleted", draft)
        draft.texts.all().delete()
        draft.delete()


# --- Published versions -----------------------------------------------------------------------------------


def publish_version(
    *,
    by: User | None,
    version: Version,
    earlier: Earlier = Earlier.OFFER,
    until: date | None = None,
    at: datetime | None = None,
) -> None:
    """Freezes a draft for ever and puts it to use; `earlier` says what becomes of the versions before it.

    An earlier example is never used beside the controller's own text. `until`: for ASK_AGAIN, the day from which
    consents to earlier versions no longer count. `at`: when it was published, for the demo.
    Raises TextRefused: not_a_draft, danish_missing, to_fill_in, until_missing, lapse_in_past.
    """
    lapse_on = timezone.localdate() if earlier == Earlier.END else until
    with audited(by=by) as log:
        draft = _draft(version)
        texts = list(draft.texts.order_by("language"))
        if DANISH not in {text.language for text in texts}:
            raise TextRefused("danish_missing")
        if not draft.is_example and any(blanks(text.title) or blanks(text.body) for text in texts):
            raise TextRefused("to_fill_in")
        draft.published_at = at or timezone.now()
        draft.save(update_fields=["published_at"])
        for text in texts:
            _log(log, "text.published", draft, text, language=text.language)
        before = draft.document.versions.filter(published_at__isnull=False, consents_lapse_on__isnull=True)
        for old in before.exclude(pk=draft.pk).select_for_update().order_by("number"):
            if earlier in (Earlier.ASK_AGAIN, Earlier.END):
                _lapse(log, old, lapse_on)
            elif old.ended_at is None and (earlier == Earlier.KEEP or old.is_example):
                _end(log, old)


def add_language(*, by: User | None, version: Version, language: str, title: str, body: str) -> Text:
    """A translation that came later than its version, at once in use.

    Raises TextRefused: not_published, language_exists.
    """
    with audited(by=by) as log:
        published = _published(version)
        if published.texts.filter(language=language).exists():
            raise TextRefused("language_exists")
        text = write_text(published, language, title, body)
        _log(log, "text.published", published, text, language=language)
    return text


def blanks(words: str) -> list[str]:
    """What is still to be filled in: the words in square brackets."""
    return [place[1:-1] for place in _BLANK.findall(words)]


def stop_offering(*, by: User, version: Version) -> None:
    """Consents to the version stay valid, new ones can't be given. Raises TextRefused: not_published, not_in_use."""
    with audited(by=by) as log:
        published = _published(version)
        if published.ended_at is not None or published.consents_lapse_on is not None:
            raise TextRefused("not_in_use")
        _end(log, published)


def let_lapse(*, by: User, version: Version, on: date) -> None:
    """From the day `on`, consents to the version no longer count; until then its participants are asked again.

    Set once, for what was true of a day must stay true. Raises TextRefused: not_published, lapse_is_set, lapse_in_past.
    """
    with audited(by=by) as log:
        published = _published(version)
        if published.consents_lapse_on is not None:
            raise TextRefused("lapse_is_set")
        _lapse(log, published, on)


# --- How ------------------------------------------------------------------------------------------------------


def document_of(purpose: str, audience: str) -> Document:
    """The document, made if it isn't there; locked until the end of the transaction."""
    name_da, name_en = PURPOSES[purpose]
    Purpose.objects.get_or_create(code=purpose, defaults={"name_da": name_da, "name_en": name_en})
    Document.objects.get_or_create(purpose_id=purpose, audience=Audience(audience))
    return Document.objects.select_for_update(no_key=True).get(purpose=purpose, audience=audience)


def _locked(version: Version) -> Version | None:
    rows = Version.objects.select_for_update(of=["self"], no_key=True)
    return rows.select_related("document").filter(pk=version.pk).first()


def _draft(version: Version) -> Version:
    found = _locked(version)
    if found is None or found.published_at is not None:
        raise TextRefused("not_a_draft")
    return found


def _published(version: Version) -> Version:
    found = _locked(version)
    if found is None or found.published_at is None:
        raise TextRefused("not_published")
    return found


def _end(log: Recorder, version: Version) -> None:
    version.ended_at = timezone.now()
    version.save(update_fields=["ended_at"])
    _log(log, "text.ended", version)


def _lapse(log: Recorder, version: Version, day: date | None) -> None:
    if day is None:
        raise TextRefused("until_missing")
    if day < timezone.localdate():
        raise TextRefused("lapse_in_past")
    version.consents_lapse_on, version.lapse_known_at = day, timezone.now()
    version.save(update_fields=["consents_lapse_on", "lapse_known_at"])
    _log(log, "text.lapses", version, day=day)


def _log(log: Recorder, action: str, version: Version, obj: Text | None = None, **details: Any) -> None:
    document = version.document
    log(
        action,
        obj or version,
        purpose=document.purpose_id,
        audience=document.audience,
        version=version.number,
        **details,
    )
