"""What stands in a page: its title, its links, its forms and their fields, and what a strict policy forbids."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "search", "tel", "email", "url", "number", "password", "date"}


@dataclass
class Field:
    """`choices` of a select, a radio button or a checkbox; `autocomplete`: its own, or that of its form."""

    name: str
    kind: str
    value: str = ""
    autocomplete: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    method: str
    action: str
    autocomplete: str = ""
    fields: list[Field] = field(default_factory=list)

    def values(self) -> dict[str, str]:
        """What would be sent if somebody filled nothing in, with the first of what there is to choose."""
        found: dict[str, str] = {}
        for each in self.fields:
            if each.kind not in ("checkbox", "submit", "file") and each.name not in found:
                found[each.name] = each.value or next((choice for choice in each.choices if choice), "")
        return found


class Page(HTMLParser):
    """`addresses`: of links, forms, htmx and what is loaded; `inline`: styles and scripts within the page."""

    def __init__(self, html: str):
        super().__init__()
        self.title = ""
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self._tag = tag
        self.inline += [f"<{tag} {name}>" for name in at if name == "style" or name.startswith("on")]
        self.inline += [f"<{tag}>"] if tag == "style" or (tag == "script" and "src" not in at) else []
        found = [at[name] for name in ("href", "src", "action", "hx-get", "hx-post", "formaction") if name in at]
        self.addresses += found
        if tag == "a":
            self.links += found[:1]
        elif tag == "form":
            self._form = Form(at.get("method", "get").lower(), at.get("action", ""), at.get("autocomplete", ""))
            self.forms.append(self._form)
        elif tag == "option" and self._select is not None:
            self._select.choices.append(at.get("value", ""))
        elif tag in ("input", "select", "textarea", "button") and self._form is not None:
            kind = {"input": at.get("type", "text"), "button": "submit"}.get(tag, tag)
            auto = at.get("autocomplete") or self._form.autocomplete
            made = Field(at.get("name", ""), kind, at.get("value", ""), auto)
            if kind in ("radio", "checkbox"):
                made.choices = [at.get("value", "on")]
            self._select = made if tag == "select" else None
            if made.name or kind in TYPED:
                self._form.fields.append(made)

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._tag == "title":
            self.title += data
        elif self._tag == "textarea" and self._form is not None and self._form.fields:
            self._form.fields[-1].value += data
