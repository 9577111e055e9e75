"""Writes docs/access.md: who may do what, and through which door, from the code that decides it.

    python scripts/access.py            writes the page
    python scripts/access.py --check    fails when the page is not what it should be

Permissions are those of `accounts.permissions`, addresses those of the URL conf, permission and methods those of each
view's `@requires`. Whose objects a view opens is read from its source: which loader it goes through.
"""

import ast
import inspect
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "access.md"
PLAN, PROJECT, ANY, SELF = "own plan", "own project", "any", "own"
# What each loader lets through (`…_or_404`, and the querysets behind them).
LOADERS = {
    **dict.fromkeys(["plan_or_404", "plans_of", "plans_for_import", "activity_or_404", "activities_of"], PLAN),
    **dict.fromkeys(
        [
            "participant_or_404",
            "usable_participant_or_404",
            "correctable_participant_or_404",
            "participants_of",
            "person_or_404",
        ],
        PLAN,
    ),
    **dict.fromkeys(["withdrawal_or_404", "given_consent_or_404", "proof_or_404", "answer_or_404"], PLAN),
    **dict.fromkeys(["colleague_or_404", "spreadsheet_or_404", "spreadsheets_of"], PLAN),
    **dict.fromkeys(["request_or_404", "requests_of", "certificate_or_404", "certificates_of"], PLAN),
    **dict.fromkeys(["project_or_404", "open_project_or_404", "projects_of"], PROJECT),
    **dict.fromkeys(["delivery_or_404", "deliveries_of", "recipient_or_404"], PROJECT),
}
# Addresses whose objects belong to no plan and no project: an id there opens the same to all who have the permission.
COMMON = ("samtykketekster/", "beboerlister/", "noegler/", "deltagere/maaske-samme/")
# Addresses that look at more than whose object it is.
OWN = {"consent:sitting", "consent:sitting_sign", "consent:sitting_unlock", "exports:fetch_link", "exports:cancel"}
RULES = {
    PLAN: "the plans that the user is a member of, and what belongs to them; of a role that may see the rates of all "
    "plans, all plans. A coordinator opens and closes the accounts of those only who work in no other plan",
    PROJECT: "the projects that the user is an evaluator of; of a role that manages projects, all projects",
    SELF: "only what the user asked for, or holds in this very session",
    ANY: "the same for everybody with the permission",
}


def views(patterns: list, prefix: str = "", path: str = "") -> Iterator[tuple[str, str, Callable]]:
    """(name, address, view) of each address."""
    from django.urls.resolvers import URLPattern

    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or ""), here, pattern.callback
        else:
            yield from views(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix, here)


def all_views() -> list[tuple[str, str, Callable]]:
    from django.urls import get_resolver

    return list(views(get_resolver().url_patterns))


def loaders_of(view: Callable) -> set[str]:
    """The loaders that a view's source names, itself or in functions of its module that it calls."""
    function = inspect.unwrap(view)
    module = inspect.getmodule(function)
    found: set[str] = set()
    todo, seen = [function], set()
    while todo:
        one = todo.pop()
        seen.add(one)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(one)))):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            target: Any = getattr(module, name, None)
            if name in LOADERS:
                found.add(name)
            elif inspect.isfunction(target) and target.__module__ == function.__module__:
                todo.extend({inspect.unwrap(target)} - seen)
    return found


class NoLoader(Exception):
    """An address takes an id, and its view goes through no known loader: whose objects does it open?"""


def rule_of(name: str, address: str, view: Callable) -> str:
    """Raises NoLoader."""
    if name in OWN:
        return SELF
    rules = {LOADERS[loader] for loader in loaders_of(view)}
    if not rules and "<" in address and not address.startswith(COMMON):
        raise NoLoader(name)
    return PLAN if PLAN in rules else PROJECT if rules else ANY


def page() -> str:
    from accounts.permissions import PERMISSIONS, Permission, Role

    head = ["# Who may do what", "", "Written by `scripts/access.py` from the code; a test fails when they differ.", ""]
    head += ["Every address asks for a sign-in, for the permission named here (else 403), for one of the methods (else"]
    head += ["405), and looks up what its id names among the user's own (else 404, as if there were none). An account"]
    head += ["that is closed has no permission.", "", "## Permissions", ""]
    roles = list(Role)
    lines = [f"| permission | {' | '.join(role.value for role in roles)} |", "|---|" + ":-:|" * len(roles)]
    for permission in Permission:
        ticks = ["x" if permission in PERMISSIONS[role] else "" for role in roles]
        lines.append(f"| {permission.value} | {' | '.join(ticks)} |")
    lines += ["", "## Whose objects", "", *(f"- **{rule}**: {text}." for rule, text in RULES.items()), ""]
    lines += ["## Addresses", "", "| address | methods | permission | whose |", "|---|---|---|---|"]
    open_to_all = []
    for name, address, view in sorted(all_views(), key=lambda row: row[1]):
        permission = getattr(view, "permission", None)
        if permission is None:
            open_to_all.append(f"| `/{address}` | {name} |")
            continue
        methods = " ".join(view.methods)  # type: ignore[attr-defined]
        lines.append(f"| `/{address}` | {methods} | {permission.value} | {rule_of(name, address, view)} |")
    lines += ["", "## Addresses that ask for no permission", ""]
    lines += ["Signing in, one's own security, and what everybody may read.", "", "| address | name |", "|---|---|"]
    return "\n".join([*head, *lines, *open_to_all]) + "\n"


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    django.setup()
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        print("docs/access.md is not what the code says: run scripts/access.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
