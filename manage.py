#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """What an operator can do something about is said in a sentence; with --traceback, and otherwise, in full."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from crypto.errors import KeyUnavailable

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, KeyUnavailable, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        told = str(error).strip()
        sys.exit(f"The database does not do it: {told}" if isinstance(error, OperationalError) else told)


if __name__ == "__main__":
    main()
