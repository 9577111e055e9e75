"""Publishing consent texts from a folder.

A published text never changes. Publishing the same folder again does nothing; other words under a number that is
published already are refused.
"""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from accounts.models import User
from audit.recording import audited
from consent.actions.texts import Earlier, TextRefused, add_language, document_of, publish_version, write_text
from consent.folders import EXAMPLES, FolderText, TextsRefused, read_folder
from consent.models import Document, Text, Version


def publish_examples(by: User | None, *, at: datetime | None = None) -> int:
    """Publishes the example texts of the project, which the data controller is to replace.

    Where the controller has a text of their own, published or begun, there is no more use for an example. `at`: as of
    when, for the demo.
    """
    return publish_folder(by=by, folder=EXAMPLES, is_example=True, at=at)


def publish_folder(
    *,
    by: User | None,
    folder: Path,
    is_example: bool = False,
    end_earlier: bool = False,
    at: datetime | None = None,
) -> int:
    """Publishes every text of a folder that isn't published yet; returns how many there were.

    Examples make way for a newer example and for the controller's own texts; earlier versions of the controller's own
    are still offered unless `end_earlier`. What a text that is no longer offered has consented to stays valid.
    Raises TextsRefused, and writes nothing then.
    """
    published = 0
    texts = sorted(read_folder(folder))
    with audited(by=by):
        for (purpose, audience, number), group in groupby(texts, key=itemgetter(0, 1, 2)):
            document = document_of(purpose, audience)
            if is_example and document.versions.filter(is_example=False).exists():
                continue
            version = document.versions.filter(number=number).first()
            if version is None:
                published += _new(by, document, list(group), is_example, end_earlier, at)
            else:
                published += sum(_again(by, version, text, is_example) for text in group)
    return published


def _new(
    by: User | None,
    document: Document,
    texts: list[FolderText],
    is_example: bool,
    end_earlier: bool,
    at: datetime | None,
) -> int:
    version = Version.objects.create(document=document, number=texts[0].number, is_example=is_example)
    for text in texts:
        write_text(version, text.language, text.title, text.body)
    try:
        publish_version(by=by, version=version, earlier=Earlier.KEEP if end_earlier else Earlier.OFFER, at=at)
    except TextRefused as refusal:
        raise TextsRefused(f"{texts[0]}: {SENTENCES[refusal.code]}") from None
    return len(texts)


def _again(by: User | None, version: Version, text: FolderText, is_example: bool) -> bool:
    """Whether there was something new: a language."""
    if version.published_at is None:
        raise TextsRefused(f"{text}: there is a draft with this number. Delete it, or give the words another number.")
    known = Text.objects.filter(version=version, language=text.language).first()
    if known is not None and (known.title, known.body) == (text.title, text.body):
        return False
    if known is not None or version.is_example != is_example:
        raise TextsRefused(f"{text}: published with other words. Give the new words a higher version number.")
    add_language(by=by, version=version, language=text.language, title=text.title, body=text.body)
    return True


SENTENCES = {
    "danish_missing": "there is no Danish text with this number, and the Danish text prevails.",
    "to_fill_in": "something in square brackets is still to be filled in.",
}
