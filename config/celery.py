"""Celery: jobs travel as primary keys; the Job row in the database is the truth."""

import os

from celery import Celery

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.install()
app = Celery("deltagerdata")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
