"""What may be told of groups without pointing at somebody, also by subtraction, and also beside earlier releases.

protect    tables of one release, with what earlier releases told
Release    what a release told, as JSON, for the next one
counts     a list of counts whose sum is known: flow charts, reasons

docs/disclosure.md has the rules and their reasons.
"""

from .limits import counts, has_room
from .protection import protect
from .releases import Release

__all__ = ["Release", "counts", "has_room", "protect"]
