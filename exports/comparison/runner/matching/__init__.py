"""Matching of a participant group with a comparison group: who is kept, with which weight, beside whom."""

from .matched import Matched, match
from .reasons import REASONS

__all__ = ["REASONS", "Matched", "match"]
