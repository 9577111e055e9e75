"""What every page needs to know of the site."""

from django.conf import settings
from django.http import HttpRequest

from accounts.navigation import navigation


def site(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "site": {
            "product": "Deltagerdata",
            "demo": settings.DEMO,
            "navigation": navigation(user, request.path) if signed_in else [],
        }
    }
