"""Keys of the demo's recipients, so that a visitor can open what they fetch. A real site never has a private key."""

import os
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from accounts.models import User
from crypto.agefile import new_identity, recipient_of
from exports.actions.recipients import add_recipient, confirm_recipient
from exports.models import EvaluationProject, Recipient

LASTS = timedelta(days=365)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "modtagere"


def give_keys(project: EvaluationProject, evaluator: User, controller: User) -> None:
    """A confirmed key for each reader; the private ones are `folder()/USERNAME.key`, mode 0600."""
    folder().mkdir(mode=0o700, exist_ok=True)
    for user, way in ((evaluator, Recipient.Way.PHONE), (controller, Recipient.Way.OWN)):
        identity = new_identity()
        path = folder() / f"{user.username}.key"
        path.unlink(missing_ok=True)  # of a demo that was cut off
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# public key: {recipient_of(identity)}\n{identity}\n")
        recipient = add_recipient(
            by=user,
            project=project,
            name=user.full_name,
            key=recipient_of(identity),
            expires_on=date.today() + LASTS,
        )
        confirm_recipient(by=controller, recipient=recipient, way=way)
