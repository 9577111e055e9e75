"""Which consent text was shown: a choice of audience and of wording (a language, or an earlier version in it)."""

from django.utils.translation import gettext

from consent.models import Text
from consent.models.texts import LANGUAGES
from consent.queries import texts_in_use
from consent.wording import DANISH_NAMES


def texts_by_audience_and_wording() -> dict[tuple[str, str], Text]:
    """Texts that a consent can be registered for. The newest of a language goes by the language alone ("da"), an
    earlier one, and one that asks again, with its number."""
    texts: dict[tuple[str, str], Text] = {}
    for text in texts_in_use(asking_again=True):
        audience = text.version.document.audience
        newest = (audience, text.language) not in texts and text.version.consents_lapse_on is None
        texts[audience, text.language if newest else f"{text.language}-{text.version.number}"] = text
    return texts


def wordings(texts: dict[tuple[str, str], Text]) -> list[tuple[str, str]]:
    """Choices in the order of LANGUAGES, earlier versions after the newest."""
    order = list(LANGUAGES)
    found = {}
    for (_audience, wording), text in texts.items():
        name = DANISH_NAMES[text.language]
        label = name if text.language == "da" else f"{name} ({LANGUAGES[text.language]})"
        if wording != text.language:
            label = gettext("%(language)s, tidligere udgave (nr. %(number)s)") % {
                "language": label,
                "number": text.version.number,
            }
        found[wording] = ((wording != text.language, order.index(text.language), -text.version.number), label)
    return [(wording, str(label)) for wording, (_key, label) in sorted(found.items(), key=lambda item: item[1][0])]
