"""A plan whose people are erased on their day, and what is left of it. For the process of `office`."""

from datetime import date
from uuid import UUID


def due(people: int) -> UUID:
    """A plan of its own with so many people, whose day has come; its certificate."""
    from accounts.models import User
    from collection.models import Plan
    from rights.actions.retention import erase_due
    from rights.models import Certificate, PlanRetention
    from tests.factories.cast import make_activity
    from tests.factories.deliveries import make_many_participants

    activity, today = make_activity(), date.today()
    make_many_participants(activity, people, first=Plan.objects.count() * people + 20_000)
    set_by = User.objects.get(username="controller")
    PlanRetention.objects.create(plan=activity.plan, erase_on=today, known_on=today, set_by=set_by)
    erase_due()
    return Certificate.objects.get(plan=activity.plan).pk


def ended(certificate: UUID) -> bool:
    from rights.models import Certificate

    return Certificate.objects.get(pk=certificate).finished_at is not None


def left(certificate: UUID) -> tuple[int, int, int, bool, int]:
    """People whose identity is held, or half; erased ones; what the certificate counts; whether its digest is theirs,
    once each; and how many of them the journal does not tell of."""
    from collection.models import Participant
    from consent import erasures
    from rights import erasing
    from rights.models import Certificate

    held = Certificate.objects.get(pk=certificate)
    people = list(Participant.ungated.filter(plan=held.plan).order_by("pk"))
    erased = [row.pk for row in people if row.erased_at and not row.cpr and not row.cpr_index]
    erasures.reconcile()  # as workers do when they start
    known = {each.id for each in erasures.read()}
    listed = list(erasing.listed(held))
    same = listed == erased and held.digest == erasing.digest_of(erased)
    return (
        len(people) - len(erased),
        len(erased),
        held.counts["people"],
        same,
        sum(str(pk) not in known for pk in erased),
    )
