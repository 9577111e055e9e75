"""Comparison groups: who they are by a definition, drawn from a resident list that was loaded for it.

Everything in this package takes and returns plain values, file objects, paths and frames; no Django database.

keys         a resident's number becomes a key of one run
residents    loads a resident list (CSV or Parquet); row_checks finds its faults, extract_file keeps it encrypted
spill        where the engine writes what doesn't fit in memory, encrypted
runner/      definition + list + starts -> families, persons, flow, description: leaves the site in definition packages
layouts      the columns of the files; frozen: the drawn group as one set that only gets smaller
k_report     how many families and persons are alike; described: what was told of the groups, kept
archives     what the evaluator gets of it
"""
