"""Numbered check of the triggers, run by `migrate` and `serve` (`manage.py check --database default`)."""

from django.core.checks import Tags, Warning, register
from django.db import DatabaseError, connection


@register(Tags.database)
def triggers_are_in_place(app_configs, databases=None, **kwargs):
    """A warning, not an error: `migrate` runs this check first and is also the remedy."""
    from audit import triggers

    if not databases:
        return []
    try:
        tables = connection.introspection.table_names()
        absent = triggers.missing() if triggers.TABLES[0] in tables else []
    except DatabaseError:
        return []
    return [
        Warning(
            "Rows that must never change can be changed: triggers are missing.",
            id="audit.W001",
            hint="manage.py migrate",
        )
        for _ in absent[:1]
    ]
