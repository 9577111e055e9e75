"""The people who sign in."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.permissions import PERMISSIONS, Permission, Role
from crypto.fields import SealedField

IDLE_AFTER = timedelta(days=90)  # of who has not signed in for so long it is asked whether they still work here


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, *, role: str, full_name: str, password: str | None = None) -> "User":
        """`password=None` makes an account that can't be signed in to."""
        user = self.model(username=self.model.normalize_username(username), role=role, full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(_("Brugernavn"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    full_name = models.CharField(_("Navn"), max_length=150)
    role = models.CharField(_("Rolle"), max_length=20, choices=Role.choices)
    # who this is at the provider of OpenID Connect: what it says in OIDC_CLAIM
    oidc_subject = models.CharField(max_length=191, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name", "role"]

    class Meta:
        ordering = ["full_name"]

    def __str__(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Of the role too: who gets another one signs in again, and sessions of the old one end at once."""
        of = f"{self.password}|{self.role}"
        return salted_hmac("accounts.User.session", of, secret, algorithm="sha256").hexdigest()

    @property
    def is_idle(self) -> bool:
        """Has not signed in for IDLE_AFTER. As `collection.queries.idle`, of one."""
        return (self.last_login or self.created_at) < timezone.now() - IDLE_AFTER

    def can(self, permission: Permission) -> bool:
        return self.is_active and permission in PERMISSIONS.get(self.role, frozenset())


class Invitation(models.Model):
    """Lets a colleague choose the password of the account that was made for them. Only a hash of the link's secret is
    kept; the row goes when the link is used."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")  # a new link ends the old
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", null=True)  # None: the shell
    expires_at = models.DateTimeField()

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()


class FactorSecret(models.Model):
    """What the codes of an app, or somebody's recovery codes, are made from. allauth's row keeps this row's id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    secret = SealedField("second_factor.secret")
