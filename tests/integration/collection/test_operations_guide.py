"""The samples in docs/operations.md work as they stand there."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from collection.models import Activity, AddressKey, Department, Plan

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "operations.md").read_text()


def sample(command: str) -> str:
    """The CSV below the heading that names a command."""
    return re.search(rf"`manage\.py {command} .*?```csv\n(.*?)```", GUIDE, re.DOTALL)[1]


@pytest.mark.django_db
def test_the_samples_of_the_guide_load_in_its_order(tmp_path, capsys):
    for command in ("load_plans", "load_departments"):
        (tmp_path / "sample.csv").write_text(sample(command))
        call_command(command, tmp_path / "sample.csv")
    for line in re.findall(r"manage\.py (createuser .*)", GUIDE):
        call_command(*shlex.split(line))
    (tmp_path / "sample.csv").write_text(sample("load_activities"))
    call_command("load_activities", tmp_path / "sample.csv")
    assert (Plan.objects.count(), Department.objects.count(), AddressKey.objects.count()) == (2, 3, 4)
    assert (User.objects.count(), Activity.objects.count()) == (3, 3)
