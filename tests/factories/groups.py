"""A comparison group made up: the evaluation's 89 and 2,254 families, frozen and described as the site does it."""

from typing import Any

import pandas as pd

from exports.comparison import archives, k_report, layouts
from exports.comparison import described as told
from exports.comparison.frozen import Frozen, RestsOn, table_of
from exports.comparison.runner.flow import flow
from exports.comparison.runner.matching.spec import NONE
from exports.comparison.runner.results import describe
from exports.comparison.runner.variables import CATEGORICAL, Level, Variable
from exports.linkage.schema import layout_to_json
from exports.pseudonyms import new_codes

TYPE = Variable(
    name="family_type",
    label=("Familietype", "Family type"),
    kind=CATEGORICAL,
    levels=(Level("single", ("Enlig", "Single")), Level("couple", ("Par", "Couple"))),
)
ORIGIN = Variable(
    name="origin",
    label=("Familiens herkomst", "Origin of the family"),
    kind=CATEGORICAL,
    levels=(Level("danish", ("Dansk", "Danish")), Level("non_western", ("Ikke-vestlig", "Non-Western"))),
)
SEX = Variable(
    name="sex",
    label=("Køn", "Sex"),
    kind=CATEGORICAL,
    levels=(Level("male", ("Mand", "Male")), Level("female", ("Kvinde", "Female"))),
)
COUNTS = {
    "persons": {"list_missing": 0, "not_in_list": 11, "not_adult": 7, "found": 98},
    "families": {"earlier_start": 0, "no_child": 6, "participant": 89},
    "candidates": {"participant_family": 60, "started": 23, "comparison": 2254},
    "sizes": {"residents": 221564, "area_residents": 13843, "area_families": 6310, "candidates": 2337},
}


def make_frozen(
    participants: int = 89, comparisons: int = 2254, *, singles: tuple[int, int] = (26, 647), western=(22, 826)
) -> Frozen:
    """Families with an adult and a child each. Of each group the first are single, the last of Danish origin."""
    sizes = participants + comparisons
    codes = new_codes(3 * sizes)
    group = ["participant"] * participants + ["comparison"] * comparisons
    place = [*range(participants), *range(comparisons)]
    families = pd.DataFrame(
        {
            "pseudonym": codes[:sizes],
            "family_group": group,
            "reference_year": [2015 if one == "participant" else 2016 for one in group],
            "region": ["1084"] * sizes,
            "family_type": [
                "single" if at < singles[one == "comparison"] else "couple"
                for at, one in zip(place, group, strict=True)
            ],
            "origin": [
                "danish"
                if (participants, comparisons)[one == "comparison"] - at <= western[one == "comparison"]
                else "non_western"
                for at, one in zip(place, group, strict=True)
            ],
        }
    )
    both = [families.assign(adult=adult, sex=sex) for adult, sex in ((1, "female"), (0, "male"))]
    persons = pd.concat(both, ignore_index=True).rename(columns={"pseudonym": "family"})
    persons["takes_part"] = ((persons["adult"] == 1) & (persons["family_group"] == "participant")).astype(int)
    persons["pseudonym"] = codes[sizes:]
    persons = persons[["pseudonym", "family", "takes_part", "adult", "family_group", "reference_year", "region", "sex"]]
    rests_on = {
        code: RestsOn(at.to_bytes(16, "big"), at + 1, at.to_bytes(8, "big"), (at.to_bytes(16, "big"),))
        for at, code in enumerate(codes[:participants])
    }
    own = persons[persons["takes_part"] == 1]
    backed = {row.pseudonym: rests_on[row.family] for row in own.itertuples()}
    variables = {layouts.FAMILIES: (TYPE, ORIGIN), layouts.PERSONS: (SEX,)}
    return Frozen(
        {layouts.FAMILIES: table_of(families, rests_on), layouts.PERSONS: table_of(persons, backed)},
        {
            name: layouts.layout(
                name, [2014, 2015, 2016], {1084: ("Hovedstaden", "Capital Region")}, variables[name], in_families=True
            )
            for name in variables
        },
        variables,
        NONE,
    )


def group_report(frozen: Frozen | None = None) -> dict[str, Any]:
    """What the job puts into a prepared delivery's report of a group."""
    frozen = frozen or make_frozen()
    found = describe(
        frozen.frame(), group="participant", variables=frozen.variables[frozen.units], matched=None, minimum=5
    )
    return {
        "unit": "families",
        "persons": frozen.tables[frozen.units].num_rows,
        "variables": [name for each in frozen.layouts.values() for name in each.names],
        "rows_by_file": {frozen.layouts[name].member: table.num_rows for name, table in frozen.tables.items()},
        "layouts": {name: layout_to_json(layout) for name, layout in frozen.layouts.items()},
        "flow": archives.flow_rows(flow(COUNTS, 31, 5).frame()),
        "described": told.to_json(found),
        "releases": [told.release_of(found).to_json()],
        "k": k_report.measure(frozen, 5),
    }
