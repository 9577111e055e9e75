"""Private PostgreSQL and Redis servers on free loopback ports, with their data in a folder of their own.

They hold invented data and live as long as the process that started them, also when that one is killed.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
START_SECONDS = 30


def free_port() -> int:
    """A port on the loopback interface that nobody listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str) -> str:
    """The path of a server program; Debian keeps PostgreSQL's outside the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found := shutil.which(name) or (str(debian[-1]) if debian else None):
        return found
    raise RuntimeError(f"{name} is not installed. Run `make debian-packages`, which installs it or says how.")


class Server:
    """A child process with a port of its own, and a folder of its own that goes with it unless `folder` is given."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path | None = None):
        self.keeps = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"{type(self).__name__.lower()}-"))
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        names = {entry.pw_name for entry in pwd.getpwall()}
        self.user = ("postgres" if "postgres" in names else "nobody") if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.process: subprocess.Popen | None = None
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Also after `halt`: with the same port and data."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=self.end_with_parent,
                start_new_session=True, cwd=self.folder, **self.identity(),
            )  # fmt: skip
        self.wait_until_ready()

    def identity(self) -> dict:
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}

    def end_with_parent(self) -> None:
        """In the child before exec: be stopped when the parent is gone, also when it was killed (Linux)."""
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, self.stop_signal)

    def prepare(self) -> None:
        """What has to be done once before the server starts."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{type(self).__name__} did not start:\n{log}")
            time.sleep(0.05)

    def halt(self) -> None:
        """Ends the process; its data stay."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def stop(self) -> None:
        """Ends it for good."""
        self.halt()
        if not self.keeps:
            shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A cluster that keeps nothing through a crash, which makes it fast; `durable` for benchmarks, like a real one."""

    stop_signal = signal.SIGINT  # fast shutdown: does not wait for clients

    def __init__(self, folder: Path | None = None, *, durable: bool = False):
        self.durable = durable
        super().__init__(folder)

    def prepare(self) -> None:
        self.password = secrets.token_urlsafe(16)
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if self.user:
            shutil.chown(password_file, self.user)
        subprocess.run(
            [program("initdb"), "--pgdata", "data", "--username", "site", "--pwfile", password_file.name,
             "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
            check=True, capture_output=True, cwd=self.folder, **self.identity(),
        )  # fmt: skip
        password_file.unlink()

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "max_connections": 60,
            "shared_buffers": "512MB" if self.durable else "128MB",
        }  # fmt: skip
        if not self.durable:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        return [program("postgres"), "-D", "data", *(f"--{name}={value}" for name, value in options.items())]

    @property
    def url(self) -> str:
        return f"postgres://site:{self.password}@127.0.0.1:{self.port}/site"

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(
                host="127.0.0.1",
                port=self.port,
                user="site",
                password=self.password,
                dbname="postgres",
                connect_timeout=2,
            ).close()
        except psycopg.OperationalError:
            return False
        return True


class Redis(Server):
    """A Redis that writes nothing to disk."""

    def command(self) -> list[str]:
        return [
            program("redis-server"),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False
