"""Celery: jobs travel as primary keys; the Job row in the database is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("deltagerdata")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
