"""The verbs, by step: taking a file in, matching its columns, correcting its rows, writing or deleting it."""
