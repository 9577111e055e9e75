"""Verbs that change plans, activities, staff and estimates: keyword-only, `by=`, audited in the same transaction."""
