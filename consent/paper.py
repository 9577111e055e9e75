"""Consent texts on paper: a PDF of any version and language, for one or for a whole group.

WeasyPrint reads nothing but our own style sheet and fonts. It is loaded when the first form is drawn: it takes memory,
and needs libraries of the system that may be missing (`PaperUnavailable`).
"""

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from PIL import ImageFile

from collection.models import Activity, Plan
from consent.models import Audience, Text
from consent.models.texts import LANGUAGES
from consent.paper_words import WORDS
from consent.screen_words import WORDS as ANSWERS
from consent.wording import as_html, direction, prevails

STATIC = Path(settings.BASE_DIR) / "static"
DRAFT = "KLADDE. Må ikke bruges."
EXAMPLE = "EKSEMPEL. Skal gennemgås og erstattes af den dataansvarlige, før teksten bruges."
_one_at_a_time = Lock()  # the font library keeps state of the whole process


class PaperUnavailable(Exception):
    """Libraries of the system that draw text are missing; the installation guide names their packages."""


@dataclass(frozen=True)
class Form:
    """One text to sign. `address`: what the QR code opens; without an activity the form is only to be looked at."""

    text: Text
    activity: Activity | None = None
    address: str = ""
    copies: int = 1


def pdf(forms: Sequence[Form], *, two_sided: bool = False) -> bytes:
    """The forms one after the other, each in its copies; `two_sided`: each begins on a sheet of its own.

    Each text is drawn once, whatever the copies. Raises PaperUnavailable.
    """
    weasyprint = _weasyprint()
    with _one_at_a_time:
        fonts, style, fetcher = _style()
        drawn = [
            weasyprint.HTML(string=_html(form), url_fetcher=fetcher).render(font_config=fonts, stylesheets=[style])
            for form in forms
        ]
        pages = [page for document in drawn for page in document.pages]
        lengths = [(len(document.pages), form.copies) for document, form in zip(drawn, forms, strict=True)]
        alone = all(form.copies == 1 for form in forms)
        return (
            drawn[0]
            .copy(pages)
            .write_pdf(
                pdf_variant="pdf/ua-1" if alone else None,  # copies share the drawing of their text, not its structure
                finisher=_repeat(lengths, two_sided),
            )
        )


def page_pdf(html: str, style: str) -> bytes:
    """A page that stands alone as a tagged PDF; `style`: name of one of our style sheets. Raises PaperUnavailable."""
    weasyprint = _weasyprint()
    with _one_at_a_time:
        fonts, _, fetcher = _style()
        sheet = weasyprint.CSS(filename=STATIC / "css" / style, font_config=fonts, url_fetcher=fetcher)
        page = weasyprint.HTML(string=html, url_fetcher=fetcher)
        return page.write_pdf(font_config=fonts, stylesheets=[sheet], pdf_variant="pdf/ua-1")


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # pango, harfbuzz or fontconfig can't be loaded
        raise PaperUnavailable(str(error)) from None
    # WeasyPrint lets pictures that were cut off pass, in the whole process: consent.scans must not
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


@lru_cache(maxsize=1)
def _style() -> tuple[Any, Any, Any]:
    """Fonts, style sheet and the reader of our own files: made once in a process."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class OwnFiles(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            parts = urlsplit(url)
            ours = parts.scheme == "file" and Path(unquote(parts.path)).resolve().is_relative_to(STATIC)
            if not ours and parts.scheme != "data":
                raise ValueError("A consent form reads only files of the site.")
            return super().fetch(url, headers)

    fonts, fetcher = FontConfiguration(), OwnFiles(allowed_protocols=("file", "data"), allow_redirects=False)
    return fonts, CSS(filename=STATIC / "css" / "paper.css", font_config=fonts, url_fetcher=fetcher), fetcher


atexit.register(_style.cache_clear)  # while the libraries that the fonts are given back to are still there


def _html(form: Form) -> str:
    text, version = form.text, form.text.version
    plan: Plan | None = form.activity.plan if form.activity else None
    with override("da"):
        return render_to_string(
            "consent/paper/form.html",
            {
                "text": text,
                "body": as_html(text),
                "direction": direction(text),
                "words": WORDS[text.language],
                "danish": WORDS["da"],
                "answers": ANSWERS[text.language],
                "danish_answers": ANSWERS["da"],
                "prevails": prevails(text),
                "guardian": version.document.audience == Audience.GUARDIAN,
                "plan": plan,
                "activity": form.activity,
                "mark": DRAFT if version.published_at is None else EXAMPLE if version.is_example else "",
                "edition": (
                    f"{version.document.get_audience_display()} · {LANGUAGES[text.language]} · "
                    f"udgave {version.number} · {text.sha256[:8]}"
                ),
                "qr": segno.make(form.address, error="m", micro=False).svg_data_uri(scale=4, border=2)
                if form.address
                else "",
            },
        )


def _repeat(lengths: Sequence[tuple[int, int]], two_sided: bool) -> Callable[[Any, Any], None]:
    """What gives each of the drawn texts (pages, copies) its copies: pages that share what was drawn."""
    from pydyf import Dictionary

    def finish(document: Any, pdf: Any) -> None:
        drawn = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
        pdf.pages["Kids"].clear()
        pdf.pages["Count"] = 0
        for pages, copies in lengths:
            own, drawn = drawn[:pages], drawn[pages:]
            for copy in range(copies):
                for page in own:
                    if copy:
                        kept = {key: value for key, value in page.items() if key not in ("StructParents", "Annots")}
                        pdf.add_page(Dictionary(kept))
                    else:
                        pdf.pages["Count"] += 1
                        pdf.pages["Kids"].extend([page.number, 0, "R"])
                if two_sided and pages % 2 and lengths != [(pages, 1)]:
                    blank = {key: own[0][key] for key in ("Type", "Parent", "MediaBox")}
                    pdf.add_page(Dictionary(blank))

    return finish
