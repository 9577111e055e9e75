"""What an approval is of: what the approver was shown, and nothing else.

Shown are the prepared set, known by its hash, and its report: counts, findings, recipients, the difference from the
last delivery, and the project's terms. While a set waits, recipients and the last delivery may become others; then
the report is brought up to date and the page has to be looked at again.
"""

import hashlib
import json
from typing import Any

from exports import difference, groups, recipients
from exports.linkage.schema import ALWAYS, ALWAYS_PER_PERSON
from exports.models import Delivery, EvaluationProject
from exports.policies import missing_recipients


def terms_of(project: EvaluationProject) -> dict[str, Any]:
    """What a prepared set depends on, beside its rows: when one of these changes it is prepared anew."""
    return {
        "dst_number": project.dst_number,
        "grain": project.grain,
        "purpose": project.purpose_id,
        "data_at": project.data_at,
        "k": project.k,
        "minimum_count": project.minimum_count,
    }


def may_hold(project: EvaluationProject) -> dict[str, Any]:
    """All that decides what the project's next files hold."""
    return terms_of(project) | {
        "variables": set(project.variables),
        "years": (project.first_year, project.last_year),
    }


def project_changed(delivery: Delivery) -> bool:
    """Whether it has other terms than when the set was prepared, or no more all variables and years of the set."""
    other_terms = delivery.report.get("terms") != terms_of(delivery.project)
    return other_terms or bool(not_approved(delivery)) or _fewer_years(delivery)


def _fewer_years(delivery: Delivery) -> bool:
    project = delivery.project
    if "period" not in delivery.report:
        return False
    first_year, last_year = delivery.report["period"]
    return first_year < project.first_year or last_year > project.last_year


def not_approved(delivery: Delivery) -> set[str]:
    """Variables of a prepared linkage file that the project has no approval for (any more)."""
    if delivery.kind != Delivery.Kind.LINKAGE:
        return set()
    return {*delivery.report.get("variables", [])} - {*ALWAYS, *ALWAYS_PER_PERSON, *delivery.project.variables}


def shown(delivery: Delivery) -> str:
    """SHA-256 (hex) of all that the page of the decision shows of a prepared delivery."""
    content = json.dumps([delivery.prepared_hash, delivery.report], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def news(delivery: Delivery) -> dict[str, Any]:
    """Parts of a prepared delivery's report that have become others since: `recipients`, `difference`."""
    report = delivery.report
    parts: dict[str, Any] = {}
    now = recipients.report_of(delivery)
    if now != report.get("recipients"):
        parts["recipients"] = now
    last = difference.last_before(delivery)
    if (str(last.pk) if last else None) != report.get("difference", {}).get("delivery", ""):
        parts["difference"] = difference.since_last(delivery, report.get("variables", []))
    return parts


def hindrances(delivery: Delivery) -> list[str]:
    """Why nobody can say yes to a prepared delivery: blocked, no_recipient, project_changed, another_group."""
    found = {
        "blocked": delivery.report.get("blocked"),
        "no_recipient": missing_recipients(delivery),
        "project_changed": project_changed(delivery),
        "another_group": delivery.kind == Delivery.Kind.COMPARISON and groups.is_refused(delivery),
    }
    return [code for code, holds in found.items() if holds]
