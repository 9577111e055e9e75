"""Doors: parse, call, answer. Pages that show identities are kept by no cache."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `requires` is given."""

    user: User
    htmx: HtmxDetails
