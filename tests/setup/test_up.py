"""`manage.py up` on real processes: one at a time, gone when it should be, and honest about what happened."""

import contextlib
import importlib.util
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from pmtrack.stack.places import ROOT
from pmtrack.stack.ports import LOOPBACK, free_port
from tests.setup.installation import Up, clean_environment
from tests.setup.processes import child_running, processes_of, still_there, wait_until

# One stack at a time: xdist keeps this group on one process.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]

ORDINARY_USER = 65534


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation for all tests here: its database is made once."""
    return tmp_path_factory.mktemp("installation") / "home"


def answers(url: str) -> bool:
    """Whether the address says that it is ready."""
    with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
        return bool(response.status == 200)


def test_a_second_up_is_refused_and_ctrl_c_ends_the_first_within_five_seconds(home: Path) -> None:
    with Up.start(home, "--port", str(free_port())) as first:
        assert answers(first.ready().url())
        record = home / "servers.json"
        assert record.stat().st_mode & 0o077 == 0, "passwords are for their owner only"
        before = record.read_text(encoding="utf-8")

        second = subprocess.run(
            [sys.executable, "manage.py", "up"],
            check=False,
            cwd=ROOT,
            env=clean_environment(home),
            capture_output=True,
            text=True,
            timeout=20,
        )

        assert second.returncode == 1
        assert first.url() in second.stderr
        assert str(first.process.pid) in second.stderr
        assert record.read_text(encoding="utf-8") == before
        assert answers(first.url())

        family, began = first.family(), time.monotonic()
        assert len(family) >= 10
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(timeout=10) == 0
        assert time.monotonic() - began <= 5
        assert still_there(family) == []
        assert not record.exists()


def test_the_programs_work_with_a_login_that_owns_nothing_and_know_no_other(home: Path) -> None:
    with Up.start(home, "--port", str(free_port())) as running:
        running.ready()
        record = json.loads((home / "servers.json").read_text(encoding="utf-8"))
        with closing(psycopg2.connect(record["owner_url"])) as owner, owner.cursor() as cursor:
            cursor.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'pmtrack %'")
            assert cursor.fetchall() == [("pmtrack_app",)]
        with (
            closing(psycopg2.connect(record["database_url"])) as program,
            program.cursor() as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
        ):
            cursor.execute("DELETE FROM products_auditentry")
        owners_word = urlsplit(record["owner_url"]).password
        looked = 0
        for seen in running.family():
            with contextlib.suppress(OSError):  # gone meanwhile: a session of the database that ended
                assert owners_word not in Path("/proc", str(seen.pid), "environ").read_text(errors="replace")
                looked += 1
        assert looked >= 5


def test_a_killed_up_leaves_no_orphan_and_the_next_one_starts_beside_a_taken_port(home: Path) -> None:
    port = free_port()
    with Up.start(home, "--port", str(port)) as killed:
        family = killed.ready().family()
        killed.process.kill()
        killed.process.wait()

        # At once, while the guardian may still be at work; and somebody else took the port in the meantime.
        with Up.start(home, "--port", str(port)) as following:
            wait_until(
                lambda: not still_there(family), within=10, what=f"the killed family gone, left: {still_there(family)}"
            )
            assert answers(following.ready().url())

    with socket.create_server((LOOPBACK, port)), Up.start(home, "--port", str(port)) as beside:
        assert answers(beside.ready().url())
        assert not beside.url().endswith(f":{port}")
        assert f"port {port} is taken" in beside.said()


@pytest.mark.long
@pytest.mark.parametrize("size", random.Random(18).sample(range(1, 16), 8))
def test_whenever_a_starting_up_is_killed_nothing_is_left_and_the_next_one_starts(tmp_path: Path, size: int) -> None:
    home = tmp_path / "home"
    with Up.start(home, "--port", str(free_port())) as killed:
        # As many processes as that: within initdb, between the servers, while migrating, while the programs start.
        wait_until(lambda: len(killed.family()) >= size, within=60, what=f"{size} processes")
        assert processes_of(home)
        killed.process.kill()
        killed.process.wait()
        wait_until(lambda: processes_of(home) == [], within=10, what="nothing of it left")
    with Up.start(home, "--port", str(free_port())) as following:
        assert answers(following.ready().url())


@pytest.mark.parametrize("role", ["celery -A pmtrack.celery worker"])
def test_a_child_that_dies_is_named_and_all_end(home: Path, role: str) -> None:
    with Up.start(home, "--port", str(free_port())) as up:
        family = up.ready().family()
        os.kill(child_running(up.process.pid, role), signal.SIGKILL)
        assert up.process.wait(timeout=10) == 1
        assert "worker was killed by SIGKILL" in up.said()
        assert "stopped too" in up.said()
        assert still_there(family) == []


@pytest.fixture
def ordinary_python() -> list[str]:
    """Our Python as an ordinary user, who may also read where root keeps it; he may write nowhere but at home."""
    if os.geteuid() != 0:
        return [sys.executable]
    ordinary = ["setpriv", f"--reuid={ORDINARY_USER}", f"--regid={ORDINARY_USER}", "--clear-groups"]
    ordinary += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", sys.executable]
    try:
        subprocess.run(
            [*ordinary, "-c", "import os, django; assert os.geteuid() != 0"], check=True, capture_output=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"root cannot become an ordinary user here: {problem}")
    return ordinary


@pytest.fixture
def ordinary_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the ordinary user's, where he may go."""
    folder = Path(f"/tmp/pmtrack-ordinary-{os.getpid()}")
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, ORDINARY_USER, ORDINARY_USER)
    yield folder / "home"
    shutil.rmtree(folder)


def test_up_runs_for_an_ordinary_user_and_keeps_its_secrets_to_him(
    ordinary_python: list[str], ordinary_home: Path
) -> None:
    env = {**clean_environment(ordinary_home), "HOME": str(ordinary_home.parent)}
    with Up.start(ordinary_home, "--port", str(free_port()), command=ordinary_python, env=env) as up:
        assert answers(up.ready().url())
        secrets = ordinary_home / "secrets.json"
        assert secrets.stat().st_mode & 0o777 == 0o600
        assert secrets.stat().st_uid == (os.geteuid() or ORDINARY_USER)
        assert set(json.loads(secrets.read_text(encoding="utf-8"))) >= {"SECRET_KEY", "TOKEN_PEPPER"}


def test_reset_refuses_when_nobody_is_there_to_answer(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--reset"],
        check=False,
        cwd=ROOT,
        env=clean_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1
    assert "--yes" in done.stderr


def test_reset_refuses_a_database_that_is_not_ours(tmp_path: Path) -> None:
    env = {**clean_environment(tmp_path), "DATABASE_URL": "postgresql://somebody@example.invalid/precious"}
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--reset", "--yes"],
        check=False,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr


def test_a_port_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", "80000"],
        check=False,
        cwd=ROOT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 2
    assert "1 to 65535" in done.stderr


def test_the_django_help_of_up_shows_its_options() -> None:
    assert importlib.util.find_spec("pmtrack.management.commands.up")
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--help"], check=False, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert {"--port", "--no-demo", "--reset", "--yes"} <= set(done.stdout.replace("[", " ").replace("]", " ").split())
