"""What a prepared group's report says of distributions, as rows of a table."""

from django.utils.translation import override

from exports.comparison_results import pictures_of, results_of

BARS = {"edges": [1.0, 1.5, 4.0, 1200.0], "before": [0.5, 0.25, 0.25], "after": None}
ONE_BAR = {"edges": [1.0, 1200.0], "before": [1.0], "after": None}


def report(*distributions: dict) -> dict:
    return {
        "flow": [["comparison", 1, "before", "residents", "persons", "300"]],
        "described": {
            "minimum": 5,
            "before": {"sizes": [20, 40], "sections": []},
            "after": None,
            "differences": [],
            "distributions": list(distributions),
        },
    }


def rows(language: str, group: dict) -> list[tuple[str, list[str]]]:
    told = report({"label": ["Antal", "Number"], "groups": [group, ONE_BAR]})
    with override(language):
        (shown,) = results_of(told)["distributions"]
        return [(bar["span"], bar["shares"]) for bar in shown["groups"][0]["bars"]]


def test_each_bar_says_from_where_to_where_and_the_outermost_hold_what_is_beyond():
    assert rows("da", BARS) == [
        ("Under 1,5", ["50,0\N{NO-BREAK SPACE}%"]),
        ("1,5 til under 4", ["25,0\N{NO-BREAK SPACE}%"]),
        ("4 og derover", ["25,0\N{NO-BREAK SPACE}%"]),
    ]
    assert rows("da", ONE_BAR) == [("Alle", ["100,0\N{NO-BREAK SPACE}%"])]


def test_after_matching_there_is_a_second_share_in_the_pages_language():
    matched = BARS | {"after": [0.5, 0.5, 0.0]}
    assert [shares for _, shares in rows("en", matched)][1] == ["25.0\N{NO-BREAK SPACE}%", "50.0\N{NO-BREAK SPACE}%"]


def test_a_picture_of_distributions_goes_with_their_table_only():
    assert pictures_of(report()) == ["flow", "love"]
    assert pictures_of(report({"label": ["Antal", "Number"], "groups": [BARS, BARS]})) == [
        "flow",
        "love",
        "distributions",
    ]


def test_that_nobody_was_matched_stands_instead_of_figures_after_matching():
    told = report()
    told["described"]["after"] = {"sizes": [None, None], "sections": []}
    told["matching"] = {
        "nobody": True,
        "left_out": [["participant", "caliper", "20"], ["comparison", "caliper", "hidden"]],
        "notes": [["Dansk.", "English."]],
    }
    with override("da"):
        shown = results_of(told)
    assert [stage["name"] for stage in shown["stages"]] == [""]
    assert not shown["matched"]
    assert shown["matching"]["nobody"]
    assert shown["matching"]["notes"] == ["Dansk."]
    assert {name: [row["shown"] for row in rows] for name, rows in shown["matching"]["left_out"].items()} == {
        "Deltagere": ["20"],
        "Sammenligning": ["skjult"],
    }
