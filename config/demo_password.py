"""The one password of the demo users: DEMO_PASSWORD, else made once and kept in KEY_DIR."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from config.env import env

# No letters and digits that look alike: it is read from a terminal and typed.
ALPHABET = "abcdefghkmnpqrstuvwxyz23456789"


def demo_password() -> str:
    """The password; made on the first call, in KEY_DIR/demo-password with mode 0600, when none is given."""
    if given := env.str("DEMO_PASSWORD", ""):
        return given
    path = Path(settings.KEY_DIR) / "demo-password"
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write("-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)) + "\n")
    return path.read_text().strip()
