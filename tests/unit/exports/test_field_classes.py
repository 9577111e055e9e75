"""Every field of every model says what it tells of people, and no identity is the source of a variable."""

import pytest
from django.apps import apps
from django.conf import settings

from crypto.fields import BlindIndexField, SealedField
from exports.field_classes import FIELDS, SOURCES, YEAR_OF_BIRTH, FieldClass, class_of
from exports.linkage.rows import coders
from exports.linkage.schema import ALWAYS, ALWAYS_PER_PERSON, Klass
from tests.unit.linkage.invented import TYPES, VARIABLES


def is_ours(app) -> bool:
    return app.path.startswith(str(settings.BASE_DIR)) and ".venv" not in app.path


MODELS = {model._meta.label: model for app in apps.get_app_configs() if is_ours(app) for model in app.get_models()}


def fields_of(model) -> dict:
    return {field.name: field for field in (*model._meta.fields, *model._meta.many_to_many)}


def test_all_apps_of_the_repository_are_looked_at():
    assert {label.partition(".")[0] for label in MODELS} == {
        *("accounts", "audit", "crypto", "collection", "consent", "exports", "spreadsheets", "rights", "operations")
    }
    assert MODELS.keys() == FIELDS.keys()


@pytest.mark.parametrize("label", MODELS)
def test_every_field_has_a_class_and_no_class_is_of_a_field_that_is_gone(label):
    assert sorted(fields_of(MODELS[label])) == sorted(FIELDS[label])


@pytest.mark.parametrize("label", MODELS)
def test_what_is_sealed_is_an_identity_or_internal(label):
    for name, field in fields_of(MODELS[label]).items():
        if isinstance(field, (SealedField, BlindIndexField)):
            assert FIELDS[label][name] in {FieldClass.IDENTITY, FieldClass.INTERNAL}, name


def test_identities_of_participants_are_sealed_or_indexes():
    fields = fields_of(MODELS["collection.Participant"])
    identities = {name for name, found in FIELDS["collection.Participant"].items() if found is FieldClass.IDENTITY}
    assert identities == {n for n, field in fields.items() if isinstance(field, (SealedField, BlindIndexField))}


def test_every_variable_names_the_fields_it_is_coded_from():
    made_when_written = {*ALWAYS, *ALWAYS_PER_PERSON}
    assert SOURCES.keys() == VARIABLES.keys() - made_when_written
    assert coders(TYPES).keys() == SOURCES.keys() - {"IDENT_ART"}


@pytest.mark.parametrize("name", SOURCES)
def test_no_variable_is_coded_from_an_identity_but_the_year_of_birth(name):
    classes = {class_of(source) for source in SOURCES[name]}
    assert FieldClass.INTERNAL not in classes
    assert (FieldClass.IDENTITY in classes) == (name in YEAR_OF_BIRTH)


@pytest.mark.parametrize("name", SOURCES)
def test_a_variable_made_of_what_could_point_at_somebody_is_counted_among_those_that_could(name):
    points = {class_of(source) for source in SOURCES[name]} & {FieldClass.QUASI, FieldClass.IDENTITY}
    assert (VARIABLES[name].klass is Klass.QUASI) == bool(points)
