"""How a consent text is shown: Markdown to HTML in which nothing raw passes, languages and their direction."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from consent.models import Text
from consent.models.texts import DANISH

DANISH_NAMES = {
    "da": _("Dansk"),
    "en": _("Engelsk"),
    "ar": _("Arabisk"),
    "tr": _("Tyrkisk"),
    "so": _("Somali"),
    "ur": pgettext_lazy("sprog", "Urdu"),  # Django has a "Urdu" of its own, in lower case
    "fa": _("Farsi"),
    "uk": _("Ukrainsk"),
    "ti": _("Tigrinya"),
}
RIGHT_TO_LEFT = {"ar", "fa", "ur"}
# Said with every translation, whatever its own words are.
PREVAILS = {
    "en": "This is a translation. The Danish text prevails.",
    "ar": "هذه ترجمة. النص الدنماركي هو المعتمد.",
    "tr": "Bu bir çeviridir. Danca metin geçerlidir.",
    "so": "Kani waa turjumaad. Waxaa la raacayaa qoraalka af-Deenishka.",
    "ur": "یہ ترجمہ ہے۔ ڈینش متن ہی معتبر ہے۔",
    "fa": "این یک ترجمه است. متن دانمارکی معتبر است.",
    "uk": "Це переклад. Переважну силу має данський текст.",
    "ti": "እዚ ትርጉም እዩ። ተቐባልነት ዘለዎ እቲ ናይ ዳኒሽ ጽሑፍ እዩ።",
}

# Only what is named here has a meaning: no tags, links, images, tables or code. Their signs are shown as text.
_markdown = MarkdownIt("zero").enable(
    ["heading", "lheading", "list", "blockquote", "emphasis", "escape", "entity", "newline"]
)
# A run of Latin letters, digits and what stands between them; brackets only in pairs.
_LATIN = re.compile(r"([0-9A-Za-zÀ-ɏ§](?:[ .,:;/@+&'’–-]*(?:[0-9A-Za-zÀ-ɏ§]|\([0-9A-Za-zÀ-ɏ .]*\)))*)")


def as_html(text: Text) -> SafeString:
    """The body as HTML: headings, paragraphs, lists, quotes, emphasis and line breaks."""
    return _rendered(text.body, direction(text) == "rtl")


@lru_cache(maxsize=256)
def _rendered(body: str, right_to_left: bool) -> SafeString:
    tokens = _markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):  # the text's own title is a heading of level 2
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    env = {"isolate": right_to_left}
    return mark_safe(_markdown.renderer.render(tokens, _markdown.options, env))  # noqa: S308


def _words(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: dict) -> str:
    """Plain words, escaped. Numbers and Latin names in a script from the right stand apart, or they tear it up."""
    words = tokens[place].content
    if not env["isolate"]:
        return escapeHtml(words)
    parts = _LATIN.split(words)  # every second one is Latin
    return "".join(
        f'<bdi dir="ltr">{escapeHtml(part)}</bdi>' if odd % 2 else escapeHtml(part) for odd, part in enumerate(parts)
    )


_markdown.add_render_rule("text", _words)


def direction(text: Text) -> str:
    """The value of the HTML attribute `dir`."""
    return "rtl" if text.language in RIGHT_TO_LEFT else "ltr"


def prevails(text: Text) -> str:
    """In the text's own language, that the Danish text prevails; empty for the Danish one."""
    return PREVAILS[text.language] if text.language != DANISH else ""


def shown(text: Text) -> dict[str, Any]:
    """What the part `consent/parts/text.html` shows."""
    return {"text": text, "body": as_html(text), "direction": direction(text), "prevails": prevails(text)}
