import json

import pytest

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


def test_says_itself_in_plain_danish():
    names = {"familieindsats": "Familieindsats", "mentor": "Mentor"}
    assert summary(from_json(RULE), names)[DANISH] == (
        "Deltagere: familier med et barn på 0-6 år, hvor en voksen begyndte på en af aktiviteterne "
        "Familieindsats, Mentor i 2014-2016. De beskrives i det år, hvor familien begyndte første gang. "
        "Sammenligning: alle andre familier med et barn på 0-6 år, som i 2016 boede i de områder, "
        "der har indberettet deltagere. Ingen i familien var begyndt på en af aktiviteterne i 2014-2016. "
        "Der matches ikke: alle i sammenligningsgruppen er med. Antal under 5 vises ikke. "
        "Mindst 5 skal ligne hinanden i rækkerne."
    )
    one = summary(definition(last_year=2014, youngest=3, oldest=3, excluded_since=2012), names)[DANISH]
    assert "et barn på 3 år, hvor en voksen begyndte på aktiviteten Familieindsats i 2014." in one
    assert "begyndt på aktiviteten siden 2012." in one
