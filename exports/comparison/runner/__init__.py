"""Draws, describes and matches comparison groups wherever the registers are: on the site, at Statistics Denmark, on an
evaluator's machine.

This package leaves the site inside definition packages and runs there as `python -m runner`. So it imports nothing of
Django and of ours only itself, by relative names: numpy, pandas, pyarrow, duckdb, scipy and matplotlib (pictures) are
all it needs. What it says to people is a pair of texts, Danish and English (texts).

definition       what the evaluator asks for, as JSON (definition.schema.json, examples/); described: which
                 characteristics it may choose; definition_words: the same in plain words
registers        the tables it reads, named as Statistics Denmark's registers; needs: which of them a definition needs
register_files   makes of files as people have them (reading) what the engine reads; repeated: keys that stand twice
characteristics  what is known of a family or person, and how values are grouped; rules: code lists with their sources;
                 formed: how each is formed, in words
drawing          definition + registers -> families, persons, flow. inputs puts the rule beside the registers, stages
                 has the order of the texts in sql/, engine runs them in DuckDB (spark in Apache Spark), coverage sees
                 that the registers know the people, frames fetches
flow             who was left out, why, and which of those counts may be shown
variables        a variable of a frame: kind, levels, labels
matching/        exact, coarsened, nearest neighbour, Mahalanobis
balance/         table 1, tests, standardised mean differences
disclosure/      hides what would point at somebody, and what would give it back
pictures         flow chart, Love plot, distributions
results          the files of a drawn or matched group, for a folder and for the site's archive; table_page: table 1
match_run        a data set that is matched (match_spec); comparison_run: a whole run; folder: there whole or not at all
codebook         characteristics and registers as tables; summaries: what was done, in words
__main__         python -m runner comparison | match
"""
