"""What every page needs to know of the site."""

from django.conf import settings
from django.http import HttpRequest

from accounts import sessions
from accounts.navigation import navigation


def site(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    # who has yet to show a second factor would be led back from every page in the menu
    may_go_on = signed_in and (not settings.SECOND_FACTOR or sessions.has_second_factor(request))
    return {
        "site": {
            "product": "Deltagerdata",
            "demo": settings.DEMO,
            "session": sessions.seconds_left(request) if signed_in and sessions.LENT not in request.session else None,
            "navigation": navigation(user, request.path) if may_go_on else [],
        }
    }
