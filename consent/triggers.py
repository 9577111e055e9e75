"""Published texts and decisions never change, kept by the database itself (see audit.triggers).

Decisions are append-only; only whose row one belongs to may change, when two rows of a person are merged.
What may still be written on a published version: that it is no longer offered, and once the day on which consents
to it lapse. A language may be added; what is there stays byte for byte.
"""

from audit.triggers import Trigger
from consent.models import Decision, Text, Version

VERSION, TEXT = Version._meta.db_table, Text._meta.db_table
MESSAGE = "a published consent text never changes"
_PUBLISHED = f"EXISTS (SELECT 1 FROM {VERSION} WHERE published_at IS NOT NULL AND id IN ({{ids}}))"  # noqa: S608
DECISION = Decision._meta.db_table
DECISION_MESSAGE = "decisions are append-only"
_FACTS = [field.column for field in Decision._meta.concrete_fields if field.name != "participant"]

TRIGGERS = (
    Trigger(
        DECISION,
        "UPDATE",
        DECISION_MESSAGE,
        " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _FACTS),
    ),
    Trigger(DECISION, "DELETE", DECISION_MESSAGE),
    Trigger(DECISION, "TRUNCATE", DECISION_MESSAGE),
    Trigger(
        VERSION,
        "UPDATE",
        MESSAGE,
        "OLD.published_at IS NOT NULL AND (NEW.published_at IS NULL OR NEW.published_at <> OLD.published_at"
        " OR NEW.id <> OLD.id OR NEW.document_id <> OLD.document_id OR NEW.number <> OLD.number"
        " OR NEW.is_example <> OLD.is_example OR (OLD.consents_lapse_on IS NOT NULL AND (NEW.consents_lapse_on IS NULL"
        " OR NEW.consents_lapse_on <> OLD.consents_lapse_on OR NEW.lapse_known_at <> OLD.lapse_known_at)))",
    ),
    Trigger(VERSION, "DELETE", MESSAGE, "OLD.published_at IS NOT NULL"),
    Trigger(VERSION, "TRUNCATE", MESSAGE),
    Trigger(TEXT, "UPDATE", MESSAGE, _PUBLISHED.format(ids="OLD.version_id, NEW.version_id")),
    Trigger(TEXT, "DELETE", MESSAGE, _PUBLISHED.format(ids="OLD.version_id")),
    Trigger(TEXT, "TRUNCATE", MESSAGE),
)
