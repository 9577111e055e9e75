"""A file per noun."""

from exports.models.deliveries import Archive, Delivery, DeliveryPerson, Fetch, Reader, State
from exports.models.extracts import RegisterExtract
from exports.models.jobs import Job, WorkerSign
from exports.models.projects import EvaluationProject, Pseudonym
from exports.models.recalls import RecallAcknowledgement
from exports.models.recipients import DeletionReport, FetchLink, Recipient

__all__ = [
    "Archive",
    "DeletionReport",
    "Delivery",
    "DeliveryPerson",
    "EvaluationProject",
    "Fetch",
    "FetchLink",
    "Job",
    "Pseudonym",
    "Reader",
    "RecallAcknowledgement",
    "Recipient",
    "RegisterExtract",
    "State",
    "WorkerSign",
]
