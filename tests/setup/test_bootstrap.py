"""manage.py makes its own environment: once, in line with the lock, one caller at a time."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pmtrack.stack.locking import FileLock
from pmtrack.stack.places import ROOT
from tests.setup.processes import wait_until

LOCKS = ("requirements.lock", "requirements-dev.lock")
WITHOUT_VENV = "import runpy, sys; sys.modules['ensurepip'] = None; sys.argv = ['manage.py', 'up']; runpy.run_path('manage.py', run_name='__main__')"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A fresh clone, as far as the bootstrap looks."""
    shutil.copytree(
        ROOT / "pmtrack" / "stack", tmp_path / "pmtrack" / "stack", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("manage.py", "pmtrack/__init__.py", *LOCKS):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def base_python() -> str:
    """The interpreter that our environment was made from: outside any environment."""
    return os.path.realpath(sys.executable)


def outside() -> dict[str, str]:
    """The environment of a user who has nothing set."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def give_environment(tree: Path, *, dev: bool) -> None:
    """An environment whose Python only tells that it was called, stamped as being in line with the lock."""
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "inside: $*"\n')
    python.chmod(0o755)
    digest = hashlib.sha256((tree / LOCKS[dev]).read_bytes()).hexdigest()
    (tree / ".venv" / "pmtrack-lock.json").write_text(json.dumps({"dev": dev, "digest": digest}))


def run(tree: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [base_python(), *arguments],
        check=False,
        cwd=tree,
        env={**outside(), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(("dev", "command"), [(False, "up"), (True, "up"), (True, "test")])
def test_an_environment_in_line_with_the_lock_is_entered_at_once(tree: Path, dev: bool, command: str) -> None:
    give_environment(tree, dev=dev)
    assert run(tree, "manage.py", command, "--port", "1").stdout == f"inside: manage.py {command} --port 1\n"


def test_a_python_without_venv_gets_the_name_of_the_package(tree: Path) -> None:
    done = run(tree, "-c", WITHOUT_VENV)
    assert done.returncode == 1
    assert f"apt install python3.{sys.version_info.minor}-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_made_when_the_user_says_so(tree: Path) -> None:
    done = run(
        tree,
        "-c",
        "from pmtrack.stack import bootstrap; bootstrap.enter(['manage.py', 'up']); print('went on')",
        PMTRACK_NO_BOOTSTRAP="1",
    )
    assert done.stdout == "went on\n"
    assert not (tree / ".venv").exists()


def test_nothing_is_made_inside_another_environment(tree: Path) -> None:
    code = "from pmtrack.stack import bootstrap; bootstrap.enter(['manage.py', 'up']); print('went on')"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tree, env=outside(), capture_output=True, text=True
    )
    assert done.stdout == "went on\n"
    assert not (tree / ".venv").exists()


def waits_for_a_lock(pid: int) -> bool:
    """Whether the kernel lists the process as waiting (`->`) for a file lock."""
    return any(
        "->" in line and f" {pid} " in line for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()
    )


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who waits for a lock")
def test_a_second_caller_waits_for_the_first_and_then_has_nothing_to_do(tree: Path) -> None:
    first = FileLock(tree / ".venv.lock").acquire()
    second = subprocess.Popen(
        [base_python(), "manage.py", "up"], cwd=tree, env=outside(), stdout=subprocess.PIPE, text=True
    )
    wait_until(lambda: waits_for_a_lock(second.pid), within=10, what="the second caller waits for the lock")
    give_environment(tree, dev=False)
    first.release()
    out, _ = second.communicate(timeout=10)
    assert out == "inside: manage.py up\n"
