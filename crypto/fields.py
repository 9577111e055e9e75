"""Model fields for identities.

A SealedField takes a `Secret`, stores an authenticated record, and reads back as `Sealed`: opening it is a
separate, audited call. The model's primary key must be a UUID made before INSERT, because the row's id is
authenticated with the value. A BlindIndexField is filled from the Secrets beside it in `pre_save`, so
`save()` and `bulk_create()` both fill it.
"""

from collections.abc import Callable

from django.db import models

from crypto import blind, box, keys
from crypto.secret import Sealed, Secret


class SealedField(models.BinaryField):
    """Encrypted text. `context` is its frozen name, e.g. "participant.cpr"; renaming it locks the data."""

    def __init__(self, context: str = "", **kwargs):
        self.context = context
        if context:
            keys.register_purpose(box.field_purpose(context))
        kwargs.setdefault("null", True)
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"context": self.context}

    def from_db_value(self, value, expression, connection):
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        if isinstance(value, Secret):
            return box.seal(self.context, model_instance.pk, value.reveal())
        return value

    def get_prep_value(self, value):
        if value is None or isinstance(value, bytes):
            return value
        if isinstance(value, Sealed):
            return value.record
        raise TypeError(f"{self.name} takes a Secret, given to the instance before save()")

    def get_db_prep_value(self, value, connection, prepared=False):
        # both drivers take bytes as they are; bulk_create passes here once per value
        return value if type(value) is bytes else self.get_prep_value(value)

    get_db_prep_save = get_db_prep_value

    def get_lookup(self, lookup_name):
        # records differ at each sealing, so comparing them means nothing; ask the blind index
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class BlindIndexField(models.BinaryField):
    """Keyed index (20 bytes) of the Secrets in the fields `of`.

    `normalise(*texts)` takes each field's text (or None) and returns the text to index, or None for no index.
    Fields that read back as `Sealed` are unchanged, and so is their index.
    """

    def __init__(self, context: str = "", of: tuple[str, ...] = (), normalise: Callable | None = None, **kwargs):
        self.context, self.of, self.normalise = context, of, normalise
        if context:
            keys.register_purpose(blind.index_purpose(context))
        kwargs.setdefault("null", True)
        kwargs.setdefault("max_length", blind.LENGTH)
        super().__init__(**kwargs)

    def pre_save(self, model_instance, add):
        if not self.of:  # in a migration, which knows columns only
            return getattr(model_instance, self.attname)
        texts = []
        for name in self.of:
            value = getattr(model_instance, name)
            if isinstance(value, Sealed):
                return getattr(model_instance, self.attname)
            texts.append(value.reveal() if isinstance(value, Secret) else None)
        assert self.normalise is not None
        normalised = self.normalise(*texts)
        index = None if normalised is None else blind.blind_index(self.context, normalised)
        setattr(model_instance, self.attname, index)
        return index

    def get_db_prep_save(self, value, connection):
        return value if type(value) is bytes else super().get_db_prep_save(value, connection)


class CarriedField(models.BinaryField):
    """A record or index made for another model's column, kept here for a while: the keys of `of` are needed as long.

    `of`: purposes, e.g. ("field:participant.cpr",). It stays as it was made; a rotation waits until it is gone.
    """

    def __init__(self, *args, of: tuple[str, ...] = (), **kwargs):
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs  # a column like any other
