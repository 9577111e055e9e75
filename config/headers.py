"""Headers that every answer has, whoever made it: pages, errors, downloads and static files.

Django's SecurityMiddleware adds HSTS, nosniff, the referrer and the opener policy; django-csp what pages may load.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What no page of ours asks a browser for. Passkeys are the exception, and for ourselves only.
_CLOSED = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "usb"),
    "xr-spatial-tracking",
)
_OWN = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in _CLOSED), *(f"{name}=(self)" for name in _OWN)])
SAVED = "sandbox; default-src 'none'"  # should a browser show it all the same, it can do nothing


class HeadersMiddleware:
    """Nothing is kept by a browser or a proxy (a list of names on a shared computer, the way back after signing out),
    but what says itself that it may be: static files. Other sites can't embed an answer, and a file to be saved can't
    run as a page of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.get("Content-Disposition", "").startswith("attachment"):
            response.headers.setdefault("Content-Security-Policy", SAVED)
        return response
