"""Locks and process groups when their holders die."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pmtrack.stack.locking import AlreadyLocked, FileLock
from pmtrack.stack.places import ROOT
from pmtrack.stack.ports import free_port, is_free
from pmtrack.stack.processes import ProcessEnded, ProcessGroup
from tests.setup.processes import descendants, still_there, wait_until

pytestmark = pytest.mark.faults

# A child that ignores the polite signal and has a child of its own, in the worst of cases.
STUBBORN = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); subprocess.Popen(['sleep', '600']); time.sleep(600)"
PARENT = """
import os, sys, time
from pathlib import Path
from pmtrack.stack.processes import ProcessGroup
with ProcessGroup(Path(sys.argv[1])) as group:
    group.start("stubborn", [sys.executable, "-c", sys.argv[2]], env=os.environ)
    print("started", flush=True)
    time.sleep(600)
"""


def test_a_lock_is_held_by_one_and_free_when_its_holder_is_gone(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock").try_acquire() as lock:
        lock.write_note("it is me")
        with FileLock(tmp_path / "lock") as other, pytest.raises(AlreadyLocked, match="it is me"):
            other.try_acquire()
    with FileLock(tmp_path / "lock") as other:
        other.try_acquire()


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    port = free_port()
    assert is_free(port)
    code = f"import socket; s = socket.create_server(('127.0.0.1', {port})); print('on', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"on\n"
        assert not is_free(port)
        other.kill()


def test_children_and_grandchildren_of_a_killed_parent_end_even_if_they_resist(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "logs"), STUBBORN]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        wait_until(lambda: len(descendants(parent.pid)) == 3, within=10, what="guardian, child and grandchild")
        family = descendants(parent.pid)
        parent.kill()
    wait_until(lambda: not still_there(family), within=10, what="no orphan")


def test_leaving_the_group_ends_its_children(tmp_path: Path) -> None:
    with ProcessGroup(tmp_path) as group:
        group.start("sleeper", ["sleep", "600"], env=os.environ)
        family = descendants(os.getpid())
        group.check()
    assert not [line for line in still_there(family) if "sleep 600" in line]


def test_a_child_that_ended_is_reported_with_its_own_last_words_only(tmp_path: Path) -> None:
    (tmp_path / "talker.log").write_text("words of an earlier run\n")
    with ProcessGroup(tmp_path) as group:
        child = group.start(
            "talker", [sys.executable, "-c", "print('out of paper'); raise SystemExit(3)"], env=os.environ
        )
        child.process.wait()
        with pytest.raises(ProcessEnded, match=r"(?s)talker ended with code 3.*out of paper") as caught:
            group.check()
    assert "earlier run" not in str(caught.value)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with ProcessGroup(tmp_path) as group:
        child = group.start("missing", ["/nonexistent/program"], env=os.environ)
        child.process.wait()
        with pytest.raises(ProcessEnded, match="cannot run /nonexistent/program"):
            group.check()


def test_a_grandchild_with_a_session_of_its_own_ends_with_a_child_that_had_to_be_killed(tmp_path: Path) -> None:
    own_session = STUBBORN.replace("['sleep', '600']", "['sleep', '600'], start_new_session=True")
    with ProcessGroup(tmp_path) as group:
        child = group.start("stubborn", [sys.executable, "-c", own_session], env=os.environ)
        wait_until(lambda: len(descendants(child.process.pid)) == 1, within=10, what="the grandchild")
        (grandchild,) = descendants(child.process.pid)
        group.end(child, grace=0.2)
        assert still_there([grandchild]) == []


def test_a_killed_guardian_is_noticed(tmp_path: Path) -> None:
    before = descendants(os.getpid())
    with ProcessGroup(tmp_path) as group:
        (guardian,) = descendants(os.getpid()) - before
        os.kill(guardian.pid, signal.SIGKILL)
        wait_until(lambda: not still_there([guardian]), within=5, what="the guardian's end")
        with pytest.raises(ProcessEnded, match="guardian"):
            group.check()
