"""Plans, the departments they cover, and who works in them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """A housing-social plan (boligsocial helhedsplan): one grant, in one municipality, for some years."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lbf_number = models.CharField(_("LBF-nummer"), max_length=20, unique=True)
    name = models.CharField(_("Navn"), max_length=200)
    municipality_code = models.CharField(_("Kommunekode"), max_length=3)  # DST's KOM, e.g. "751"
    start = models.DateField(_("Start"))
    end = models.DateField(_("Slut"))
    # who answers for the plan's office: stands on printed consent forms
    contact_name = models.CharField(_("Kontaktperson eller kontor"), max_length=100, blank=True)
    contact_phone = models.CharField(_("Telefon"), max_length=30, blank=True)
    contact_email = models.EmailField(_("E-mail"), max_length=100, blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="plans")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def contact(self) -> list[str]:
        return [part for part in (self.contact_name, self.contact_phone, self.contact_email) if part]


class Department(models.Model):
    """A department (boligafdeling) of a housing organisation, known by LBF's two numbers."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="departments")
    organisation_number = models.PositiveIntegerField()
    department_number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["organisation_number", "department_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "organisation_number", "department_number"], name="department_once_per_plan"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AddressKey(models.Model):
    """What registers know of a department: a street code and a range of house numbers in a municipality."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="address_keys")
    municipality_code = models.CharField(max_length=3)  # KOM
    street_code = models.CharField(max_length=4)  # VEJKODE
    house_from = models.PositiveSmallIntegerField()
    house_to = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["municipality_code", "street_code"], name="address_key_street")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(house_from__lte=models.F("house_to")), name="house_range_in_order"
            )
        ]


class Membership(models.Model):
    """A member of staff or a coordinator works in a plan."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "plan"], name="member_once_per_plan")]
