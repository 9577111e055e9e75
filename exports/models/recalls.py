"""Recalls: who of those in files that were given out has withdrawn since.

A recall is not stored: it is a withdrawal of somebody whom the ledger has in a delivery that was fetched, so none can
be forgotten. What is stored is what a recipient has acknowledged.
"""

from django.conf import settings
from django.db import models

from exports.models.deliveries import Reader
from exports.models.projects import EvaluationProject


class RecallAcknowledgement(models.Model):
    """`by` has taken the withdrawals up to decision `up_to` out of what `reader` was given for the project."""

    project = models.ForeignKey(EvaluationProject, on_delete=models.PROTECT, related_name="+")
    reader = models.CharField(max_length=10, choices=Reader.choices)
    up_to = models.BigIntegerField()  # id of the last decision on the list that was acknowledged
    persons = models.PositiveIntegerField()  # registrations behind the list, which only grows: more are new recalls
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["project", "reader", "-up_to"], name="recalls_acknowledged")]
