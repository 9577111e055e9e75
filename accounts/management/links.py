"""What the commands that make accounts say: the link by which the owner chooses their password."""

from argparse import ArgumentParser

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import User


def add_site_argument(parser: ArgumentParser) -> None:
    scheme = "https" if settings.HTTPS else "http"
    parser.add_argument(
        "--site",
        default=f"{scheme}://{settings.ALLOWED_HOSTS[0]}",
        help="the site's address, for the link (%(default)s)",
    )


def link_to(user: User, secret: str, site: str) -> str:
    link = site.rstrip("/") + reverse("accounts:invitation", args=[secret])
    until = localtime(user.invitation.expires_at).date()
    return f"{user.username} chooses a password here, once, until {until}:\n{link}\nThe link is not shown again."
