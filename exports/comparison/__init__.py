"""Comparison groups: who they are by a definition, drawn from a resident list that was loaded for it.

Everything in this package takes and returns plain values, file objects, paths and frames; no Django database.

definition   what the evaluator asks for, as plain JSON
keys         a resident's number becomes a key of one run
residents    loads a resident list (CSV or Parquet); row_checks finds its faults, extract_file keeps it encrypted
engine       runs sql/ in DuckDB, spilling to disk through spill (encrypted)
selection    definition + list + starts -> families, counts and flow
flow         who was left out, why, and which of those counts may be shown
archives     what the evaluator gets of it
"""
