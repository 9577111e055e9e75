"""definition.schema.json against from_json: who writes a definition by the schema isn't surprised by the runner."""

import json
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exports.comparison import runner
from exports.comparison.runner import definition as rules
from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import (
    EVALUATION,
    EVALUATION_SINCE_2012,
    DefinitionInvalid,
    from_json,
    to_json,
)
from exports.comparison.runner.matching import spec_json

SCHEMA = json.loads(resources.files(runner).joinpath("definition.schema.json").read_text())
FITS = Draft202012Validator(SCHEMA)
SHAPES = {*rules.FIELDS.values(), *spec_json.FIELDS.values(), rules.UNKNOWN_FIELD, spec_json.NOT_AN_OBJECT}

YEARS = st.sampled_from([1979, 1980, 2012, 2014, 2015, 2016, 2016.0, 2099, 2100])
CODES = st.lists(st.sampled_from(["mentor", "familieindsats", "10-1", ""]), max_size=3)
NAMES = st.lists(st.sampled_from(["family_type", "children", "origin", "education"]), max_size=3)
CHOSEN = st.sampled_from(["family_type", "children", "hair"]) | st.fixed_dictionaries(
    {"name": st.sampled_from(["origin", "m2_per_resident", "family_type", "hair"])},
    optional={"grouping": st.sampled_from(["", "danish_western", "bands", "none"])},
)
COUNTS = st.sampled_from([0, 1, 2, 2.0, 3, 17, 18, 100, 101, 120, 121, 1000, 1001, 2**31 - 1, 2**31, True])
JUNK = st.sampled_from([None, True, 1, 2.5, "", "x", [], [1], [[]], {}, {"name": 1}, 10**400, -1])


def field(values):
    """Mostly of the right kind."""
    return st.integers(0, 19).flatmap(lambda roll: values if roll else JUNK)


def changed(base, fields):
    """`base` with up to four of its fields as drawn, and up to one left out."""
    some = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)
    drawn = some.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names}))
    without = st.none() | st.sampled_from(sorted(base))
    return st.builds(lambda new, out: {k: v for k, v in (base | new).items() if k != out}, drawn, without)


MATCHING = changed(
    {"method": "nearest", "variables": ["family_type", "children"], "caliper": 0.2, "ratio": 2},
    {
        "method": field(st.sampled_from(["none", "exact", "coarsened", "nearest", "mahalanobis"])),
        "variables": field(NAMES),
        "exact": field(NAMES),
        "distance": field(st.sampled_from(["logit", "probability"])),
        "caliper": field(st.sampled_from([None, 0, 1e-9, 0.2, 1, 1000, 1000.5])),
        "caliper_sd": field(st.booleans()),
        "ratio": field(COUNTS),
        "replacement": field(st.booleans()),
        "order": field(st.sampled_from(["largest", "smallest", "data", "random"])),
        "seed": field(COUNTS),
        "cutpoints": field(
            st.dictionaries(
                st.sampled_from(["children", "origin", ""]),
                field(st.just("sturges") | st.lists(st.sampled_from([0, 1, 2.5, 1e13]), max_size=3)),
                max_size=2,
            )
        ),
        "unknown": JUNK,
    },
)
DOCUMENTS = changed(
    {
        "activity_types": ["familieindsats", "mentor"],
        "first_year": 2014,
        "last_year": 2016,
        "comparison_year": 2016,
        "characteristics": ["family_type", "children", {"name": "origin", "grouping": "danish_western"}],
    },
    {
        "activity_types": field(CODES),
        "first_year": field(YEARS),
        "last_year": field(YEARS),
        "comparison_year": field(YEARS),
        "format": st.sampled_from([rules.FORMAT, "other"]),
        "unit": field(st.sampled_from(["family", "person"])),
        "youngest": field(COUNTS),
        "oldest": field(COUNTS),
        "areas": field(st.sampled_from(["plans", "departments", "chosen"])),
        "chosen_departments": field(CODES),
        "exclusion": field(st.sampled_from(["window", "since", "ever"])),
        "excluded_from": field(st.none() | YEARS),
        "excluded_to": field(st.none() | YEARS),
        "excluded_types": field(CODES),
        "dwellings": field(
            st.none() | st.dictionaries(st.sampled_from(["most_residents", "most_rooms", "most"]), field(COUNTS))
        ),
        "characteristics": field(st.lists(field(CHOSEN), max_size=3)),
        "matching": field(MATCHING),
        "minimum": field(COUNTS),
        "k": field(COUNTS),
        "seed": field(COUNTS),
        "area": JUNK,
    },
)


def test_the_schema_lists_the_characteristics_of_the_catalogue_with_their_groupings():
    names, *objects = SCHEMA["$defs"]["characteristic"]["anyOf"]
    listed = {
        name: each["properties"]["grouping"]["enum"] for each in objects for name in each["properties"]["name"]["enum"]
    }
    assert listed == {name: ["", *known.groupings] for name, known in CATALOGUE.items()}
    assert names["enum"] == list(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "rule"), [("evaluation", EVALUATION), ("evaluation-since-2012", EVALUATION_SINCE_2012)]
)
def test_the_shipped_examples_are_the_evaluations_rule_in_both_variants(name, rule):
    document = json.loads(resources.files(runner).joinpath(f"examples/{name}.json").read_text())
    FITS.validate(document)
    example = from_json(document)
    assert replace(example, characteristics=()) == rule
    assert {CATALOGUE[each.name].level for each in example.characteristics} == {"family"}
    assert len(example.characteristics) == 14


def agree(document) -> bool:
    """Schema and from_json are of one mind, or the fields contradict each other; whether it was taken."""
    fits, problems = FITS.is_valid(document), set()
    try:
        definition = from_json(document)
    except DefinitionInvalid as invalid:
        definition, problems = None, set(invalid.problems.values())
    if definition is None:
        assert not (fits and SHAPES & problems), (document, problems)
        return False
    assert fits, (document, list(FITS.iter_errors(document)))
    written = to_json(definition)
    assert FITS.is_valid(written)
    assert from_json(json.loads(json.dumps(written))) == definition
    return True


EDGES = [
    *(None, True, False, "", "x", [], [1], [""], ["x"], ["x", "x"], [[]], {}, {"name": 1}, {"most_rooms": 0}),
    *(-1, 0, 1, 2, 2.0, 2.5, 3, 17, 18, 100, 101, 120, 121, 1000, 1000.5, 1001, 1979, 1980, 2014, 2099, 2100),
    *(2**31 - 1, 2**31, 10**400, 1e-9, "10-1", "family", "person", "plans", "departments", "chosen", "window"),
    *("since", "ever", "exact", "coarsened", "nearest", "mahalanobis", "none", "logit", "probability", "largest"),
    *("smallest", "data", "random", "sturges", rules.FORMAT, {"most_rooms": 1001}, {"most": 1}, {"children": [1e13]}),
    *({"": "sturges"}, {"children": []}, {"children": "x"}, ["hair"], [{"name": "origin", "grouping": "bands"}]),
    *({"method": "nearest"}, {"radius": 1}, {"children": [True]}, ["origin", "origin"], [{"grouping": ""}]),
]


@pytest.mark.parametrize("unit", ["family", "person"])
@pytest.mark.parametrize("inside", [False, True])
def test_schema_and_reader_draw_the_same_line_for_each_field(unit, inside):
    plain = {"unit": unit, "activity_types": ["mentor"], "first_year": 2014, "last_year": 2014, "comparison_year": 2014}
    plain |= {"youngest": 3, "oldest": 3, "characteristics": ["children"]}
    taken = 0
    for name in SCHEMA["$defs"]["matching"]["properties"] if inside else SCHEMA["properties"]:
        method = spec_json.ONLY_FOR.get(name, ("exact",))[0]
        for value in EDGES:
            changed = {"method": method, "variables": ["children"], name: value}
            taken += agree(plain | ({"matching": changed} if inside else {name: value}))
    assert taken > 50


@given(DOCUMENTS)
def test_what_fits_the_schema_is_refused_only_where_fields_contradict_each_other(document):
    agree(document)


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_equal_definitions_have_equal_json_however_they_were_written(document, random):
    try:
        definition = from_json(document)
    except DefinitionInvalid:
        return
    shuffled = {name: document[name] for name in random.sample(list(document), len(document))}
    for name in ("activity_types", "excluded_types", "chosen_departments"):
        if name in shuffled:
            shuffled[name] = random.sample(shuffled[name], len(shuffled[name])) + shuffled[name]
    again = from_json(to_json(definition) | shuffled)
    assert again == definition
    assert json.dumps(to_json(again)) == json.dumps(to_json(definition))
