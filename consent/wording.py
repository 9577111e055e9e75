"""How a consent text is shown: Markdown to HTML in which nothing raw passes."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from consent.models import Text

RIGHT_TO_LEFT = {"ar", "fa", "ur"}

# "commonmark" has no tables, whose alignment would be inline styles; html=False escapes tags; images load from afar.
_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def as_html(text: Text) -> SafeString:
    """The body as HTML. A published text never changes, so its hash is enough to keep the result by."""
    return _rendered(text.sha256, text.body)


@lru_cache(maxsize=256)
def _rendered(sha256: str, body: str) -> SafeString:
    tokens = _markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):  # the text's own title is a heading of level 2
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return mark_safe(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S308


def direction(text: Text) -> str:
    """The value of the HTML attribute `dir`."""
    return "rtl" if text.language in RIGHT_TO_LEFT else "ltr"
