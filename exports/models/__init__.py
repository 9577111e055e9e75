"""A file per noun."""

from exports.models.deliveries import Archive, Delivery, DeliveryPerson, Fetch, Reader, State
from exports.models.extracts import RegisterExtract
from exports.models.jobs import Job, WorkerSign
from exports.models.projects import EvaluationProject, Pseudonym
from exports.models.recalls import RecallAcknowledgement

__all__ = [
    "Archive",
    "Delivery",
    "DeliveryPerson",
    "EvaluationProject",
    "Fetch",
    "Job",
    "Pseudonym",
    "Reader",
    "RecallAcknowledgement",
    "RegisterExtract",
    "State",
    "WorkerSign",
]
