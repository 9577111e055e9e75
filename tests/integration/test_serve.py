"""`manage.py serve` starts the whole site or says in a sentence why not, and ends it all at one signal."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from accounts.models import User
from tests.plugins.processes import children, wait_until, without_browser
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def manage(tmp_path):
    """`manage(*arguments, **environment)`: a finished manage.py on a site of its own, still without database."""
    own = {"DATA_DIR": str(tmp_path / "data"), "KEY_DIR": str(tmp_path / "keys"), "HTTPS": "0"}

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**without_browser(), **own, **environment},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run


def get(port: int, path: str = "/") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pid: int) -> list[int]:
    return [one for child in children(pid) for one in (child, *family(child))]


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


# --- Refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["serve", "--demo"], {}, "serve --demo needs DEMO=1"),
        (["serve"], {"DEMO": "1"}, "DEMO=1 is set, so this is a demo site"),
        (["serve"], {"PORT": "{taken}"}, "Can't listen on 127.0.0.1:{taken}: address already in use"),
        (["serve"], {"PORT": "{free}"}, "migrations are not applied. Run `manage.py migrate` first."),
    ],
    ids=["demo without DEMO", "DEMO without demo", "port in use", "no migrations"],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(manage, arguments, environment, sentence):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        names = {"taken": listener.getsockname()[1], "free": free_port()}
        ended = manage(*arguments, **{name: value.format(**names) for name, value in environment.items()})
    assert ended.returncode == 1
    assert sentence.format(**names) in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_site_without_its_key_is_refused(manage, tmp_path):
    assert manage("migrate", "--verbosity=0").returncode == 0
    (tmp_path / "keys" / "kek").unlink()
    ended = manage("serve", PORT=str(free_port()))
    assert ended.returncode == 1
    assert "The site is not fit to serve." in ended.stderr
    assert "crypto." in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_demo_that_was_cut_off_while_it_was_filled_begins_anew(manage, tmp_path):
    begun = {"DEMO": "1", "PORT": str(free_port())}
    assert manage("migrate", "--verbosity=0", **begun).returncode == 0
    data = tmp_path / "data"
    with closing(sqlite3.connect(data / "site.sqlite3")) as database:
        database.execute("CREATE TABLE left_over (x)")
    (data / "demo-unfinished").touch()
    command = [sys.executable, "manage.py", "serve", "--demo"]
    own = {"DATA_DIR": str(data), "KEY_DIR": str(tmp_path / "keys"), "HTTPS": "0"}
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **own, **begun}, stdout=output, stderr=output,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )  # fmt: skip
        wait_until(lambda: "Inventing" in (tmp_path / "output").read_text() or process.poll() is not None, 60)
        process.send_signal(signal.SIGINT)
        process.wait(30)
    said = (tmp_path / "output").read_text()
    assert process.returncode == 130, said
    assert said.rstrip().endswith("Stopped before the site was ready.")
    assert "Traceback" not in said
    with closing(sqlite3.connect(data / "site.sqlite3")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert "collection_plan" in tables
    assert "left_over" not in tables
    assert (data / "demo-unfinished").exists()


# --- A site that runs -------------------------------------------------------------------------------


@pytest.fixture
def site(site_process):
    """`manage.py serve` on the test's database and broker, once it answers: (process, port)."""
    port = free_port()
    process = site_process("manage.py", "serve", PORT=str(port), WEB_WORKERS="1", JOB_WORKERS="1")
    wait_until(lambda: answers(port) or process.poll() is not None, 120)
    assert process.poll() is None, process.output.read_text()
    return process, port


@pytest.mark.slow
def test_web_server_and_worker_serve_a_site_without_demo_users_and_end_at_one_signal(site):
    process, port = site
    assert not User.objects.exists()
    wait_until(lambda: get(port, "/healthz")[0] == 200, 90, message="healthz did not become well")
    assert json.loads(get(port, "/healthz")[1]) == {"database": True, "worker": True, "keys": True, "audit": True}
    status, page = get(port)
    assert status == 200
    stylesheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert stylesheet, "static files bear the hash of their content"
    assert get(port, stylesheet[1])[0] == 200

    processes = family(process.pid)
    assert len(processes) >= 4  # gunicorn and its worker, Celery and its processes
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(30)
    output = process.output.read_text()
    assert time.monotonic() - begun < 12
    assert process.returncode == 0
    assert output.rstrip().endswith("Stopped.")
    assert "Traceback" not in output
    wait_until(lambda: all(map(is_gone, processes)), 5)


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize(
    "name", ["gunicorn", pytest.param("worker", marks=pytest.mark.slow), pytest.param("beat", marks=pytest.mark.slow)]
)
def test_when_one_part_dies_the_whole_site_ends_and_says_which(site, name):
    process, _ = site
    parts = {part: Path(f"/proc/{part}/cmdline").read_text().split("\0") for part in children(process.pid)}
    victim = next(part for part, command in parts.items() if name in command)
    os.kill(victim, signal.SIGKILL)
    process.wait(30)
    output = process.output.read_text()
    assert process.returncode == 1
    part = {"gunicorn": "web server", "worker": "job worker", "beat": "job scheduler"}[name]
    assert f"The {part} ended by itself" in output


@pytest.mark.slow
def test_the_demo_site_can_be_signed_in_to_with_what_the_terminal_says(tmp_path):
    port = free_port()
    environment = {"DATA_DIR": str(tmp_path / "data"), "KEY_DIR": str(tmp_path / "keys"), "PORT": str(port)}
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run"], cwd=ROOT, env={**os.environ, **environment}, stdout=output,
            stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until(lambda: answers(port) or process.poll() is not None, 300)
            said = (tmp_path / "output").read_text()
            password = re.search(r"password (\S+)", said)[1]
            assert f"http://127.0.0.1:{port}/" in said
            assert str(tmp_path / "keys") in said
            assert all(name in said for name in ("medarbejder", "koordinator", "evaluator", "dataansvarlig"))
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            address = f"http://127.0.0.1:{port}"
            with opener.open(address) as response:
                page, sign_in = response.read().decode(), response.url
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
            form = {"csrfmiddlewaretoken": token, "login": "medarbejder", "password": password}
            with opener.open(sign_in, urllib.parse.urlencode(form).encode()) as response:
                assert response.url != sign_in
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
    assert "Traceback" not in (tmp_path / "output").read_text()
