"""Table 1 and what says whether two groups are alike: tests, standardised mean differences, variance ratios."""
