"""Taking a table of rates out of the site: numbers only, but a file goes where nobody sees it, so it is on record."""

from accounts.models import User
from audit.recording import audited
from collection.models import Plan


def take_rates(*, by: User, table: str, rows: int, plan: Plan | None = None) -> None:
    """Records that `by` took a table of `rows` rows, of one plan or of several."""
    with audited(by=by) as log:
        log("rates.taken", plan, plan=plan.pk if plan else "", table=table, rows=rows)
