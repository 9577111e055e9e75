"""The codebook to read: one page of HTML that stands alone, and the same as PDF. Danish, with labels in English too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from exports.linkage.codebook import KINDS, SECONDARY, Tally, lines_of
from exports.linkage.readme import danish
from exports.linkage.schema import Klass, Layout, Variable

KLASSES = {
    Klass.IDENTITY: "identitet",
    Klass.KEY: "nøgle",
    Klass.QUASI: "indirekte identificerende",
    Klass.CODE: "kode",
    Klass.NUMBER: "tal",
}
_STYLE = """\
body{font-family:sans-serif;line-height:1.5;max-width:60rem;margin:2rem auto;padding:0 1rem}
h3{border-top:2px solid;padding-top:1rem}.about{color:#404040}
dl{display:grid;grid-template-columns:8rem 1fr;gap:.25rem 1rem}dt{font-weight:bold}dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
caption{text-align:left;font-weight:bold;padding:.5rem 0}
th,td{border-bottom:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}
thead th{border-bottom-width:2px}tbody th{font-weight:normal}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.page{display:none}
@media (max-width:40rem){dl{display:block}dd{margin-bottom:.5rem}table{display:block;overflow-x:auto}}
"""


@dataclass(frozen=True, slots=True)
class About:
    """What the codebook says of the delivery: its number; heading and text of each fact; and who was left out: Danish,
    English and the masked count of persons of each reason.
    """

    delivery: str
    facts: Sequence[tuple[str, str]]
    left_out: Sequence[tuple[str, str, str]] | None = None


def codebook_html(layout: Layout, tally: Tally, minimum: int, about: About, told: bool = True) -> str:
    """`tally`: of the rows; counts below `minimum` are hidden, all where they are not `told`."""
    facts = [*about.facts, ("Enhed", layout.unit[0]), ("Unit", layout.unit[1])]
    title = f"Kodebog til leverance {escape(about.delivery)}"
    parts = [
        '<!DOCTYPE html>\n<html lang="da">\n<head>\n<meta charset="utf-8">\n',
        f"<title>{title}</title>",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<style media="screen">\n{_STYLE}</style>\n</head>',
        f"<body>\n<main>\n<h1>{title}</h1>\n<dl>",
        *(f"<dt{_lang(heading)}>{heading}</dt><dd{_lang(heading)}>{escape(text)}</dd>" for heading, text in facts),
        "</dl>",
    ]
    if about.left_out is not None:
        parts += _left_out(about.left_out)
    parts += [
        "<h2>Variabler</h2>",
        f"<p>{_counts_text(minimum) if told else UNTOLD} Manglende værdier er tomme felter i CSV-filen.</p>",
        *_table(
            "Variabler i filens rækkefølge",
            [("Variabel", ""), ("Betydning", ""), ("Type", ""), ("Art", ""), ("Koder", "n"), ("Side", "page n")],
            (
                f'<tr><th scope="row"><a href="#{v.name}">{v.name}</a></th><td>{escape(v.label_da)}</td>'
                f'<td>{KINDS[v.kind][0]}</td><td>{KLASSES[v.klass]}</td><td class="n">{len(v.values or ()) or ""}</td>'
                f'<td class="page n"><a href="#{v.name}"></a></td></tr>'
                for v in layout.variables
            ),
        ),
    ]
    for v, entries in lines_of(layout, tally, minimum, told):
        parts += _variable(v, entries)
    return "\n".join(parts) + "\n</main>\n</body>\n</html>\n"


def _counts_text(minimum: int) -> str:
    return (
        f"Antal under {minimum} er skjult og vises som &lt;{minimum}. {SECONDARY} står, hvor et andet antal ellers "
        "kunne regnes ud. Manglende værdier tælles for sig."
    )


UNTOLD = f"Antal står ikke her ({SECONDARY}), men i tabel 1, hvor små tal er skjult for hver gruppe."


def codebook_pdf(html: str) -> bytes:
    """The page as a tagged PDF/UA-1; the same page gives the same bytes. Raises consent.paper.PaperUnavailable."""
    from consent.paper import page_pdf  # loads WeasyPrint's libraries and models: the pure part does without

    return page_pdf(html, "codebook.css")


def _variable(v: Variable, entries: Sequence[tuple]) -> Iterable[str]:
    facts = [f"Type: {KINDS[v.kind][0]}", f"Art: {KLASSES[v.klass]}", f"Kilde: {v.source}"]
    if v.period:
        facts.append(f"Periode: {v.period}")
    if v.bounds:
        facts.append(f"Tilladte værdier: {v.bounds[0]} til {v.bounds[1]}")
    yield f'<section>\n<h3 id="{v.name}">{v.name}</h3>'
    yield f'<p>{escape(v.label_da)}<br><span lang="en">{escape(v.label_en)}</span></p>'
    yield f'<p class="about">{escape(". ".join(facts))}.</p>'
    if entries:
        yield from _table(
            f"Værdier af {v.name}",
            [("Kode", ""), ("Betydning", ""), ("Meaning", ""), ("Antal rækker", "n")],
            (
                f'<tr><th scope="row">{escape(str(code))}</th><td>{escape(da)}</td><td lang="en">{escape(en)}</td>'
                f'<td class="n">{escape(danish(int(count)) if count.isdigit() else count)}</td></tr>'
                for code, da, en, count in entries
            ),
        )
    yield "</section>"


def _left_out(reasons: Sequence[tuple[str, str, str]]) -> Iterable[str]:
    yield "<h2>Ikke med i leverancen</h2>"
    yield (
        "<p>Kun personer med et gyldigt samtykke er med. De øvrige kan være blandt dem, som deltagerne "
        "sammenlignes med.</p>"
    )
    if not reasons:
        yield "<p>Ingen registrerede deltagere er udeladt.</p>"
        return
    yield from _table(
        "Registrerede deltagere, der er udeladt",
        [("Årsag", ""), ("Reason", ""), ("Registreringer", "n")],
        (
            f'<tr><th scope="row">{escape(da)}</th><td lang="en">{escape(en)}</td>'
            f'<td class="n">{escape(count)}</td></tr>'
            for da, en, count in reasons
        ),
    )


def _table(caption: str, columns: Iterable[tuple[str, str]], rows: Iterable[str]) -> Iterable[str]:
    yield f"<table><caption>{caption}</caption><thead><tr>"
    for heading, css in columns:
        classes = f' class="{css}"' if css else ""
        yield f'<th scope="col"{_lang(heading)}{classes}>{heading}</th>'
    yield "</tr></thead><tbody>"
    yield from rows
    yield "</tbody></table>"


def _lang(heading: str) -> str:
    return ' lang="en"' if heading in ("Population", "Unit", "Meaning", "Reason") else ""
