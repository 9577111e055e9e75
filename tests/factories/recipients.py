"""Recipients of the cast, with private keys that tests know: `IDENTITIES[reader]` opens what that reader gets."""

from datetime import UTC, date, datetime, timedelta

from accounts.models import User
from accounts.permissions import Role
from crypto.agefile import new_identity, recipient_of
from exports.models import EvaluationProject, Reader, Recipient
from tests.factories.cast import make_user

IDENTITIES: dict[str, str] = {reader: new_identity() for reader in Reader}


def make_recipient(
    project: EvaluationProject, reader: Reader, *, identity: str = "", by: User | None = None, **fields
) -> Recipient:
    """A confirmed key; of an officer by themselves, of an evaluator by a controller. `fields` say otherwise."""
    added_by = by or make_user(Role.CONTROLLER if reader == Reader.OFFICER else Role.EVALUATOR)
    own = reader == Reader.OFFICER
    return Recipient.objects.create(
        **{
            "project": project,
            "reader": reader,
            "name": added_by.full_name,
            "public_key": recipient_of(identity or IDENTITIES[reader]),
            "expires_on": date.today() + timedelta(days=365),
            "added_by": added_by,
            "confirmed_by": added_by if own else project.created_by,
            "confirmed_at": datetime.now(UTC),
            "confirmed_way": Recipient.Way.OWN if own else Recipient.Way.PHONE,
        }
        | fields
    )
