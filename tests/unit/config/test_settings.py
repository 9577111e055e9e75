"""What `.env.example` promises is what the code reads."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.demo_password import demo_password

ROOT = Path(__file__).resolve().parents[3]
APPS = (
    *("config", "crypto", "audit", "accounts", "collection", "consent", "exports"),
    *("spreadsheets", "rights", "operations"),
)


def settings_read_by_the_code() -> set[str]:
    names = {"DATA_DIR", "KEY_DIR", "WITNESS_DIR"}  # by private_directory() and its kin
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            names |= set(re.findall(r"""\benv(?:\.\w+)?\(\s*["']([A-Z][A-Z_]+)["']""", path.read_text()))
            names |= set(re.findall(r"""private_directory\(["']([A-Z_]+)["']""", path.read_text()))
    return names


def settings_of_the_example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.*)$", "\n".join(lines), re.MULTILINE))


def test_every_setting_is_in_the_example_and_none_too_many():
    assert settings_of_the_example().keys() == settings_read_by_the_code()


def test_every_setting_of_the_example_is_explained():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"# [A-Z][A-Z_]+=", line):
            block = lines[:number]
            while re.match(r"# [A-Z][A-Z_]+=", block[-1]):
                block.pop()  # several settings may share an explanation
            assert re.match(r"# \w.* ", block[-1]), f"{line}: no explanation above it"


def told_by_check(**environment: str) -> str:
    """What `manage.py check` says when it fails."""
    command = [sys.executable, "manage.py", "check", "--database", "default"]
    ended = subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    return ended.stderr


@pytest.mark.parametrize("name", ["KEY_DIR", "WITNESS_DIR"])
def test_what_must_outlive_the_data_is_refused_below_them_in_a_sentence(tmp_path, name):
    below = tmp_path / "below"
    told = told_by_check(**{"DATA_DIR": str(tmp_path), name: str(below)})
    assert told == f"{name} ({below}) must lie outside DATA_DIR ({tmp_path}).\n"
    assert not below.exists()


def test_a_database_that_is_away_is_told_in_words():
    told = told_by_check(DATABASE_URL="sqlite:////nowhere/at/all")
    assert told.startswith("The database does not do it: unable to open")
    assert "Traceback" not in told


def test_what_the_address_of_the_database_asks_for_is_not_forgotten():
    """That the server proves who it is, above all."""
    environment = {**os.environ, "DATABASE_URL": "postgres://u:p@db.example/n?sslmode=verify-full"}
    code = "from config import settings; print(settings.DATABASES['default']['OPTIONS']['sslmode'])"
    said = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert said.stdout.strip() == "verify-full"


def test_everybody_but_a_demo_asks_for_a_second_factor_and_asks_again_who_it_is(tmp_path):
    """Of the settings as an operator who sets none of them gets them: tests set both off."""
    code = "import config.settings as s; print(s.SECOND_FACTOR, s.STEP_UP, s.HTTPS)"
    unset = ("SECOND_FACTOR", "DEMO", "HTTPS")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"DATA_DIR": str(tmp_path / "data"), "KEY_DIR": str(tmp_path / "keys")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "True", "True"], done.stderr[-500:]


def test_a_demo_password_is_made_once_and_kept_private(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    settings.KEY_DIR = tmp_path
    password = demo_password()
    assert demo_password() == password
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", password)
    assert stat.S_IMODE((tmp_path / "demo-password").stat().st_mode) == 0o600
    monkeypatch.setenv("DEMO_PASSWORD", "given by hand")
    assert demo_password() == "given by hand"
