"""Verbs that change keys: keyword-only, `by=`, audited in the same transaction."""
