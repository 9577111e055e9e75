"""What somebody can send to an address, found out by looking, and what belongs to others, by what is in the database.

Nothing here names a view, a form or a model: what is new is covered on its own.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model, Q
from django.forms import BaseForm, BaseFormSet, ChoiceField, Field, ModelChoiceField

CHAIN = ("audit.Event", "audit.Head")  # what somebody does is recorded, also what is refused


# --- What belongs to others ---------------------------------------------------------------------------


def all_keys() -> dict[type[Model], set]:
    """The primary keys of all rows of all models, link tables too."""
    return {
        model: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in CHAIN
    }


class Theirs:
    """The rows that were made between two looks at the database."""

    def __init__(self, before: dict[type[Model], set], after: dict[type[Model], set]):
        self.keys = {model: keys - before[model] for model, keys in after.items() if keys - before[model]}
        # of the log of a session or a job says nothing; numbers are everybody's: 7 is also a day
        self.ids = sorted(str(key) for keys in self.keys.values() for key in keys)
        self.telling = {key for key in self.ids if re.fullmatch(r"[0-9a-f-]{36}", key)}

    def state(self) -> dict[str, list]:
        """Their rows with all that is in them, and all rows that point at them."""
        found = {}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label in CHAIN:
                continue
            about = Q(pk__in=self.keys.get(model, ()))
            for field in model._meta.concrete_fields:
                if isinstance(field, ForeignKey) and field.related_model in self.keys:
                    about |= Q(**{f"{field.attname}__in": self.keys[field.related_model]})
            rows = model._base_manager.filter(about).order_by("pk").values_list()
            found[model._meta.label] = [tuple(map(repr, row)) for row in rows]
        return found


# --- What can be sent -----------------------------------------------------------------------------------


@cache
def named_in_source(view: Callable) -> frozenset[str]:
    """Names that the view's module takes from the query or the form: `request.GET["x"]`, `.get("x")`, `"x" in …`."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(inspect.unwrap(view))))  # type: ignore[arg-type]
    found = set()
    for node in ast.walk(tree):
        words: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Attribute(value=source, attr="get" | "getlist"), args=[word, *_]):
                words, about = [word], source
            case ast.Subscript(value=source, slice=word):
                words, about = [word], source
            case ast.Compare(left=word, ops=[ast.In()], comparators=[source]):
                words, about = [word], source
            case _:
                continue
        if isinstance(about, ast.Attribute) and about.attr in ("GET", "POST"):
            found |= {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}
    return frozenset(found)


class _Inputs(HTMLParser):
    """Names of the inputs of a page with a value that could be sent, and names of parameters in its links."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.parameters: set[str] = set()
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        at = dict(attrs)
        if tag == "a":
            self.parameters |= set(re.findall(r"[?&]([\w-]+)=", at.get("href") or ""))
        elif tag == "select":
            self._select = at.get("name") or ""
            self.values.setdefault(self._select, "")
        elif tag == "option" and self._select and not self.values[self._select]:
            self.values[self._select] = at.get("value") or ""
        elif tag in ("input", "textarea") and at.get("name"):
            default = "on" if at.get("type") == "checkbox" else "2016"
            self.values.setdefault(at["name"], at.get("value") or default)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def inputs(page: str) -> tuple[dict[str, str], set[str]]:
    """What the forms of a page would send, filled in somehow, and the parameters that its links have."""
    parser = _Inputs()
    parser.feed(page)
    parser.values.pop("csrfmiddlewaretoken", None)
    parser.values.pop("", None)
    return parser.values, parser.parameters


def forms_of(answer: Any) -> Iterator[BaseForm]:
    """The forms that an answer was drawn with."""
    seen = set()
    for layer in answer.context or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else layer.values():
            for form in value.forms if isinstance(value, BaseFormSet) else [value]:
                if isinstance(form, BaseForm) and id(form) not in seen:
                    seen.add(id(form))
                    yield form


def choices_of(field: Field) -> set[str]:
    """The values that a field takes of rows or choices, as they are sent."""
    if isinstance(field, ModelChoiceField):
        return {str(field.prepare_value(row)) for row in field.queryset.all()}  # type: ignore[union-attr]
    if not isinstance(field, ChoiceField):
        return set()
    flat = [
        one for choice in field.choices for one in (choice[1] if isinstance(choice[1], (list, tuple)) else [choice])
    ]
    return {str(value) for value, _ in flat}
