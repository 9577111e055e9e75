"""What the demo has of days for erasing: its plans ended years ago, and its evaluation goes on."""

from datetime import date

from django.utils.timezone import localdate

from accounts.models import User
from collection.models import Plan
from rights import retention
from rights.actions.retention import note_days, set_day
from rights.models import Reason

WARNED = 2  # so many plans keep their day, so that there is something to see


def put_off(controller: User) -> None:
    """Lets the controller put the erasing off, of all plans but WARNED, until the evaluation is done."""
    today = localdate()
    near = [each for each in retention.days(Plan.objects.all(), today) if each.erase_on <= today + retention.NOTICE]
    for each in near[WARNED:]:
        set_day(by=controller, plan=each.plan, erase_on=date(today.year + 3, 12, 31), reason=Reason.EVALUATION)
    note_days()
