"""Invented data at the evaluation's scale: pure generators, and the writing of them into a demo site's database.

All of it follows from a seed and the number of participants. It is made plan by plan, so the whole is never in memory.
Names, streets and organisations are made up. CPR numbers fail modulus 11 and are of no 1 January: as far as is known,
none like that has been issued to anybody.
"""

from collections.abc import Callable
from typing import Any

# What apps above exports add to the demo: each a function of its data controller.
MORE: list[Callable[[Any], None]] = []
