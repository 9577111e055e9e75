"""Table 1 and what says whether two groups are alike: tests, standardised mean differences, variance ratios."""

from .differences import Difference, differences
from .rounding import largest_remainder
from .table_one import table_one
from .tests import chi_squared

__all__ = ["Difference", "chi_squared", "differences", "largest_remainder", "table_one"]
