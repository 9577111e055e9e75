"""The secrets of second factors, sealed: a stolen database or backup gives nobody a code.

allauth asks the adapter to encrypt a secret and keeps what it gets: here the id of a row of its own, so that the secret
is sealed for that row and its key is changed with all others.
"""

from allauth.mfa.models import Authenticator
from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.models import FactorSecret
from crypto.opening import open_one
from crypto.secret import Secret


def keep(text: str) -> str:
    """What is to be kept in place of the secret `text`."""
    return str(FactorSecret.objects.create(secret=Secret(text)).pk)


def read(kept: str) -> str:
    row = FactorSecret.objects.get(pk=kept)
    return open_one("second_factor.secret", row.pk, row.secret.record).reveal()  # type: ignore[union-attr]


@receiver(post_delete, sender=Authenticator)
def forget(sender, instance: Authenticator, **kwargs) -> None:
    kept = instance.data.get("secret") or instance.data.get("seed")  # of an app, or of recovery codes
    if kept:
        FactorSecret.objects.filter(pk=kept).delete()
