"""What a plan says of itself."""

from typing import Any

from audit.recording import audited
from collection.models import Plan


def save_contact(*, by: Any, plan: Plan, contact_name: str, contact_phone: str, contact_email: str) -> None:
    """Whom printed consent forms name as the plan's contact."""
    plan.contact_name, plan.contact_phone, plan.contact_email = contact_name, contact_phone, contact_email
    with audited(by=by) as log:
        plan.save(update_fields=["contact_name", "contact_phone", "contact_email"])
        log("plan.contact_changed", plan, plan=plan.pk)
