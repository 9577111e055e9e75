"""Reading the environment: every setting of the site comes through here.

A setting NAME may also be given as NAME_FILE, a path to a file that holds the value
(for secrets mounted as files).
"""

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()


def private_directory(name: str, default: Path) -> Path:
    """The folder of setting `name`, made with mode 0700 if it is missing.

    A folder that was there may be open to others, so from here on all that this process writes is its user's alone:
    sessions and password hashes lie in the database in a form that is worth stealing.
    """
    os.umask(0o077)
    path = _place(name, default)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def key_directory(data_dir: Path) -> Path:
    """KEY_DIR; never below DATA_DIR, because a backup of the data must not hold the keys."""
    return _directory_outside(data_dir, "KEY_DIR", BASE_DIR / "var" / "keys")


def witness_directory(data_dir: Path, key_dir: Path) -> Path:
    """WITNESS_DIR: what must outlive a restored database, so never below DATA_DIR either."""
    return _directory_outside(data_dir, "WITNESS_DIR", key_dir / "witness")


def _place(name: str, default: Path) -> Path:
    return Path(env.str(name, str(default))).expanduser().resolve()


def _directory_outside(data_dir: Path, name: str, default: Path) -> Path:
    path = _place(name, default)
    if path == data_dir or data_dir in path.parents:
        raise ImproperlyConfigured(f"{name} ({path}) must lie outside DATA_DIR ({data_dir}).")
    return private_directory(name, default)


def django_secret(key_dir: Path) -> str:
    """SECRET_KEY from the environment, else from KEY_DIR, made on the first run.

    It signs cookies and tokens only; no key of the register derives from it.
    """
    if given := env.str("SECRET_KEY", ""):
        return given
    path = key_dir / "django-secret"
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()
