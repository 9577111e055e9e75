"""The same person three times: with our fields, with plain ones, and with a peer's."""

import uuid

from django.db import models
from encrypted_fields.fields import EncryptedTextField

from crypto.fields import BlindIndexField, SealedField


class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class SealedPerson(Person):
    cpr = SealedField("bench.cpr")
    name = SealedField("bench.name")
    cpr_index = BlindIndexField("bench.cpr", of=("cpr",), normalise=lambda cpr: cpr, unique=True)


class PlainPerson(Person):
    cpr = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)


class FernetPerson(Person):
    cpr = EncryptedTextField()
    name = EncryptedTextField()
