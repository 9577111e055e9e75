from types import SimpleNamespace

import pytest

from exports.comparison.extract_file import rows_of
from exports.comparison.keys import family_keys
from exports.comparison.residents import load_residents
from exports.comparison.runner.drawing import select
from exports.comparison.spill import spill_folder
from tests.unit.comparison.village import RUN_KEY, Village, definition, keyed


@pytest.fixture
def draw(tmp_path):
    """Load the list of a register (or village) and draw its groups. Options go to `select`; nothing is hidden."""

    def _draw(register, rule=None, **options):
        target = tmp_path / "list.extract"
        known = set(register.residents["ORG_NR"] + "-" + register.residents["AFD_NR"])
        load_residents(register.csv(), target, run_key=RUN_KEY, departments=known)
        spill = spill_folder(tmp_path / "spill")
        options = {"spill": spill, "minimum": 1, "departments": register.departments} | options
        return select(rule or definition(), rows_of([target], RUN_KEY), starts=keyed(register.starts), **options)

    return _draw


@pytest.fixture
def village():
    return Village()


@pytest.fixture
def tell(draw):
    """A village's `groups` {family: (group, reference year)}, `frame` by family, `left_out` {(track, reason): n}."""

    def _tell(village, rule=None, **options):
        selection = draw(village, rule, **options)
        labels = sorted({line[1] for line in village.lines})
        names = dict(zip(family_keys(RUN_KEY, labels), labels, strict=True))
        frame = selection.families.assign(name=[names[key] for key in selection.families["family"]]).set_index("name")
        groups = dict(zip(frame.index, zip(frame["family_group"], frame["reference_year"], strict=True), strict=True))
        flow = selection.flow.frame()
        flow = flow[(flow["role"] == "left_out") & (flow["count"] > 0)]
        left_out = {(track, code): n for track, code, n in zip(flow["track"], flow["code"], flow["count"], strict=True)}
        return SimpleNamespace(groups=groups, frame=frame, left_out=left_out, selection=selection)

    return _tell
