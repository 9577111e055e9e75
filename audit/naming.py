"""Names for the ids in events. The audit log knows ids only; the app that owns a thing says what it is called."""

from collections.abc import Callable, Mapping

_plan_names: list[Callable[[], Mapping[str, str]]] = []


def register_plan_names(source: Callable[[], Mapping[str, str]]) -> None:
    """`source` gives the names of all plans by id (as text), in the order in which they are offered."""
    _plan_names[:] = [source]


def plan_names() -> Mapping[str, str]:
    return _plan_names[0]() if _plan_names else {}
