"""The door of every view: `@requires(Permission.X)`, or `@requires(Permission.X, FORM)` when it takes more than reads.

Signing in is required everywhere by the middleware; a view without `requires` must be in the short list of
the access test. Which objects a user may see is decided by the loaders (`…_or_404`) of each app. docs/access.md is
written from all three.
"""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

from accounts.permissions import Permission

Methods = tuple[str, ...]
READ: Methods = ("GET", "HEAD")
GET: Methods = ("GET",)  # what asking for the head alone would use up
POST: Methods = ("POST",)
FORM: Methods = ("GET", "HEAD", "POST")


def requires(
    permission: Permission, methods: Methods = READ
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Answers 403 to a signed-in user without `permission`, and 405 to other `methods`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.can(permission):  # type: ignore[union-attr]
                raise PermissionDenied
            if request.method not in methods:
                return _not_allowed(request, methods)
            return view(request, *args, **kwargs)

        guarded.permission, guarded.methods = permission, methods  # type: ignore[attr-defined]
        return guarded

    return decorate


def _not_allowed(request: HttpRequest, methods: Methods) -> HttpResponse:
    """With words: somebody comes to the address of a button by the browser's history or after signing in again."""
    return HttpResponseNotAllowed(methods, render_to_string("405.html", request=request))
