"""A process of a site, of which functions are asked by name."""

import os
from typing import Any


def begin(environment: dict[str, str]) -> None:
    """First thing in the process: becomes a process of that site."""
    os.environ.update(environment)
    import django

    django.setup()
    from django.conf import settings

    settings.TESTING = True  # keys are made without the loud notice


def call(function: Any, args: tuple) -> Any:
    from django.db import close_old_connections

    close_old_connections()
    try:
        return function(*args)
    finally:
        close_old_connections()
