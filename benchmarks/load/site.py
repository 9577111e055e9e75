"""A site of N participants whose data stay in a folder, so that it is filled once and measured often."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import Postgres, Redis

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 100  # PostgreSQL's own default


class KeptPostgres(Postgres):
    """Its data and password stay in `folder`. It counts what each statement took (pg_stat_statements)."""

    def __init__(self, folder: Path):
        super().__init__(folder, durable=True)

    def identity(self) -> dict:
        """As whom its files belong to, whoever there is by now."""
        data = self.folder / "data"
        if not self.user or not data.exists():
            return super().identity()
        owner = data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    def prepare(self) -> None:
        kept = self.folder / "password-kept"
        if kept.exists():
            self.password = kept.read_text()
            return
        super().prepare()
        kept.touch(mode=0o600)
        kept.write_text(self.password)

    def command(self) -> list[str]:
        return [
            *super().command(),
            *(f"--max_connections={CONNECTIONS}", "--shared_preload_libraries=pg_stat_statements"),
            *("--pg_stat_statements.track_planning=off", "--jit=off"),  # as docs/operations.md sets it up
        ]


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of the site in `folder`, with PostgreSQL and Redis running."""
    database = folder / "postgres"
    database.mkdir(parents=True, exist_ok=True)
    servers: list[Postgres | Redis] = []
    try:
        servers.append(KeptPostgres(database))
        servers.append(Redis())
        yield {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(folder / "data"),
            "KEY_DIR": str(folder / "keys"),
            "DATABASE_URL": servers[0].url.removesuffix("/site") + "/postgres",
            "CELERY_BROKER_URL": servers[1].url,
            "HTTPS": "0",
            "BEHIND_PROXY": "1",  # each plan's office has an address of its own, and limits of its own
            "IDLE_MINUTES": "600",  # who signed in for one run is there for the next
            "LOG_LEVEL": "WARNING",
            "BENCH_POSTGRES": str(servers[0].process.pid if servers[0].process else ""),
            "BENCH_REDIS": str(servers[1].process.pid if servers[1].process else ""),
        }
    finally:
        for server in reversed(servers):
            server.stop()


def step(environment: dict[str, str], *arguments: str) -> dict:
    """Runs a module in a process of its own; what it printed last is its result."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
