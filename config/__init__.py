"""Wiring only: settings, environment, Celery, URLs."""

import os

# Before pyarrow is loaded: its own allocator keeps what it has freed, which made a linkage of a million 30 MB larger.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

from config.celery import app as celery_app

__all__ = ["celery_app"]
