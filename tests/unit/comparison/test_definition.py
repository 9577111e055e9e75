import json
from dataclasses import replace

import pytest

from exports.comparison.runner.characteristics import AFTER, CATALOGUE
from exports.comparison.runner.definition import WINDOW, DefinitionInvalid, from_json, to_json
from exports.comparison.runner.definition_words import summary
from exports.comparison.runner.texts import DANISH
from tests.unit.comparison.village import definition

RULE = {"activity_types": ["mentor", "familieindsats"], "first_year": 2014, "last_year": 2016, "comparison_year": 2016}


def test_survives_json_and_equal_definitions_have_equal_json():
    wanted = from_json(RULE)
    written = json.dumps(to_json(wanted))
    assert from_json(json.loads(written)) == wanted
    assert json.dumps(to_json(from_json({**RULE, "activity_types": ["familieindsats", "mentor", "mentor"]}))) == written


def test_defaults_are_the_evaluations_own_rule():
    wanted = from_json(RULE)
    assert (wanted.youngest, wanted.oldest, wanted.exclusion, wanted.excluded_from) == (0, 6, WINDOW, None)
    assert wanted.excluded_years == wanted.participant_years == range(2014, 2017)
    assert definition(excluded_since=2012, last_year=2015).excluded_years == range(2012, 2017)
    assert definition(comparison_year=2018).years == [2014, 2015, 2016, 2018]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"activity_types": []}, "activity_types"),
        ({"activity_types": "mentor"}, "activity_types"),
        ({"activity_types": [1]}, "activity_types"),
        ({"activity_types": ["ukendt"]}, "activity_types"),
        ({"first_year": "2014"}, "first_year"),
        ({"first_year": True}, "first_year"),
        ({"first_year": None}, "first_year"),
        ({"first_year": 2017}, "last_year"),
        ({"last_year": 20160}, "last_year"),
        ({"comparison_year": 1979}, "comparison_year"),
        ({"youngest": 7}, "oldest"),
        ({"youngest": -1}, "youngest"),
        ({"oldest": 18}, "oldest"),
        ({"oldest": 6.5}, "oldest"),
        ({"exclusion": "since", "excluded_from": 2015}, "excluded_from"),
        ({"excluded_types": ["mentor"], "excluded_from": 2015}, "excluded_from"),
        ({"exclusion": "since", "excluded_from": "2012"}, "excluded_from"),
        ({"areas": "all"}, "areas"),
        ({"area": "all"}, "area"),
    ],
)
def test_tells_what_is_wrong_with_each_field_in_a_danish_sentence(change, field):
    with pytest.raises(DefinitionInvalid) as invalid:
        from_json({**RULE, **change}, known_types={"mentor", "familieindsats"})
    assert list(invalid.value.problems) == [field]
    assert all(text.endswith(".") for text in invalid.value.problems[field])


def test_what_is_no_object_or_lacks_a_field_is_refused():
    for data in (None, [], "x"):
        with pytest.raises(DefinitionInvalid):
            from_json(data)
    with pytest.raises(DefinitionInvalid) as invalid:
        from_json({})
    assert list(invalid.value.problems) == ["activity_types", "first_year", "last_year", "comparison_year"]


def refused(**changes) -> dict:
    with pytest.raises(DefinitionInvalid) as invalid:
        from_json({**RULE, **changes})
    return invalid.value.problems


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit": "person", "youngest": 18, "oldest": 121}, "oldest"),
        ({"areas": "chosen"}, "chosen_departments"),
        ({"chosen_departments": ["10-1"]}, "chosen_departments"),
        ({"exclusion": "since"}, "excluded_from"),
        ({"exclusion": "ever", "excluded_from": 2012}, "excluded_from"),
        ({"exclusion": "since", "excluded_from": 2012, "excluded_to": 2016}, "excluded_to"),
        ({"excluded_to": 2015}, "excluded_to"),
        ({"excluded_types": ["mentor"], "excluded_from": 2017}, "excluded_from"),
        ({"dwellings": {"most_rooms": 0}}, "dwellings"),
        ({"characteristics": ["hair"]}, "characteristics"),
        ({"characteristics": [{"name": "origin", "grouping": "by_hair"}]}, "characteristics"),
        ({"characteristics": ["origin", {"name": "origin", "grouping": "danish_western"}]}, "characteristics"),
        ({"minimum": 2}, "minimum"),
        ({"k": 2}, "k"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes, field):
    assert list(refused(**changes)) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "closest"}, "method"),
        ({"method": "none"}, "method"),
        ({"variables": []}, "variables"),
        ({"variables": "children"}, "variables"),
        ({"variables": ["children", "age"]}, "variables"),  # a person's
        ({"variables": ["children", "employment"]}, "variables"),  # not chosen
        ({"exact": ["employment"]}, "exact"),
        ({"ratio": 0}, "ratio"),
        ({"ratio": 1.5}, "ratio"),
        ({"caliper": 0}, "caliper"),
        ({"caliper": float("inf")}, "caliper"),
        ({"caliper": True}, "caliper"),
        ({"distance": "odds"}, "distance"),
        ({"order": "alphabet"}, "order"),
        ({"seed": -1}, "seed"),
        ({"cutpoints": {"children": [1, 2]}}, "cutpoints"),  # of another method
        ({"method": "exact", "caliper": 0.2}, "caliper"),
        ({"method": "exact", "ratio": 2}, "ratio"),
        ({"method": "coarsened", "cutpoints": {"children": [2, 1]}}, "cutpoints"),
        ({"method": "coarsened", "cutpoints": {"children": []}}, "cutpoints"),
        ({"method": "coarsened", "cutpoints": {"children": "scott"}}, "cutpoints"),
        ({"method": "coarsened", "cutpoints": {"origin": [1]}}, "cutpoints"),  # not matched on
        ({"method": "coarsened", "cutpoints": {"family_type": [1]}}, "cutpoints"),  # no number
        ({"radius": 1}, "radius"),
    ],
)
def test_a_matching_that_cannot_be_done_is_refused_at_its_field(changes, field):
    matching = {"method": "nearest", "variables": ["children", "family_type"]} | changes
    problems = refused(characteristics=["children", "family_type", "origin", "age"], matching=matching)
    assert list(problems) == [f"matching.{field}"]
    assert all(text.endswith(".") for text in problems[f"matching.{field}"])


def test_what_is_measured_after_the_reference_date_is_described_but_not_matched_on(monkeypatch):
    later = replace(CATALOGUE["children"], name="later", measured=AFTER)
    monkeypatch.setitem(CATALOGUE, "later", later)
    from_json({**RULE, "characteristics": ["later"]})
    problems = refused(characteristics=["later"], matching={"method": "exact", "variables": ["later"]})
    assert "målt efter referencedatoen" in problems["matching.variables"][DANISH]


def test_says_itself_in_plain_danish():
    names = {"familieindsats": "Familieindsats", "mentor": "Mentor"}
    assert summary(from_json(RULE), names)[DANISH] == (
        "Deltagere: familier med et barn på 0-6 år, hvor en voksen begyndte på en af aktiviteterne "
        "Familieindsats, Mentor i 2014-2016, uanset hvor de boede. De beskrives i det år, hvor familien begyndte "
        "første gang. "
        "Sammenligning: alle andre familier med et barn på 0-6 år, som i 2016 boede i de områder, "
        "der har indberettet deltagere. Ingen i familien var begyndt på en af aktiviteterne i 2014-2016. "
        "Der matches ikke: alle i sammenligningsgruppen er med. Antal under 5 vises ikke. "
        "Mindst 5 rækker skal være ens."
    )
    one = summary(definition(last_year=2014, youngest=3, oldest=3, excluded_since=2012), names)[DANISH]
    assert "et barn på 3 år, hvor en voksen begyndte på aktiviteten Familieindsats i 2014, uanset" in one
    assert "begyndt på aktiviteten siden 2012." in one


def test_says_how_the_groups_are_described_and_matched():
    told = summary(
        from_json({
            **RULE,
            "unit": "person",
            "youngest": 18,
            "oldest": 40,
            "areas": "chosen",
            "chosen_departments": ["10-1", "10-2"],
            "exclusion": "ever",
            "excluded_types": ["mentor"],
            "characteristics": ["sex", {"name": "age", "grouping": "bands"}, "m2_per_resident"],
            "matching": {"method": "nearest", "variables": ["age"], "exact": ["sex"], "caliper": 0.2, "ratio": 2},
            "minimum": 10,
        })
    )[DANISH]  # fmt: skip
    for words in (
        "Deltagere: personer på 18-40 år, der begyndte på",
        "som i 2016 boede i 2 boligafdelinger, der er valgt. De var ikke begyndt på mentor på noget tidspunkt",
        "Grupperne beskrives ved køn; alder (i bånd). Hvor andre registre er til rådighed, beskrives de også ved "
        "m² pr. beboer.",
        "Boliger uden værelser eller areal, med over 15 beboere eller over 50 værelser regnes ikke med.",
        "hver deltager får de 2 nærmeste fra sammenligningsgruppen, målt ved sandsynligheden for at deltage, beregnet "
        "af alder (i bånd). De skal være ens på køn. De må højst afvige 0,2 standardafvigelser i logit",
        "Antal under 10 vises ikke.",
    ):
        assert words in told
