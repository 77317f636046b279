"""Brings `.venv` in line with the hash-pinned lock and runs manage.py again inside it. Standard library only."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from pmtrack.stack.locking import FileLock
from pmtrack.stack.places import ROOT

VENV = ROOT / ".venv"
STAMP = VENV / "pmtrack-lock.json"
TOOLS = VENV / "pmtrack-tools"
COMMANDS_WITH_DEV_TOOLS = {"test"}


class SetupFailed(Exception):
    """The environment cannot be made; the message says how to mend it."""


def enter(argv: list[str]) -> None:
    """Return at once inside a virtual environment or with PMTRACK_NO_BOOTSTRAP; else make `.venv` right and start over in it."""
    if os.environ.get("PMTRACK_NO_BOOTSTRAP") or sys.prefix != sys.base_prefix:
        return
    try:
        prepare(dev=argv[1:2] != [] and argv[1] in COMMANDS_WITH_DEV_TOOLS)
    except SetupFailed as problem:
        sys.exit(f"pmtrack: {problem}")
    os.execv(str(python()), [str(python()), *argv])


def prepare(*, dev: bool) -> None:
    """Install what the lock names unless the stamp says that it is there. A second caller waits for the first."""
    if _is_current(dev=dev):
        return
    with FileLock(ROOT / ".venv.lock").acquire():
        if _is_current(dev=dev):
            return
        with_dev = dev or _stamp().get("dev") is True  # `up` after `test` keeps the test tools
        _say(f"bringing {VENV.name} in line with {_lock(with_dev).name} (the first time takes about half a minute)")
        STAMP.unlink(missing_ok=True)
        _make_venv()
        _install(_lock(with_dev))
        STAMP.write_text(json.dumps({"dev": with_dev, "digest": _digest(_lock(with_dev))}), encoding="utf-8")


def python() -> Path:
    """The environment's interpreter."""
    return VENV / "bin" / "python"


def _is_current(*, dev: bool) -> bool:
    stamp = _stamp()
    has_dev = stamp.get("dev") is True
    return (has_dev or not dev) and stamp.get("digest") == _digest(_lock(has_dev)) and python().exists()


def _stamp() -> dict[str, object]:
    try:
        content = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _lock(dev: bool) -> Path:
    return ROOT / ("requirements-dev.lock" if dev else "requirements.lock")


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _make_venv() -> None:
    if python().exists():
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailed(
            f"this Python comes without venv and ensurepip. On Debian or Ubuntu: apt install python{version}-venv "
            "(elsewhere: your system's package of Python's venv), then run the same command again."
        )
    shutil.rmtree(VENV, ignore_errors=True)  # half of one, or one whose Python is gone
    _run([sys.executable, "-m", "venv", str(VENV)], "make the virtual environment")


def _install(lock: Path) -> None:
    uv = shutil.which("uv") or _private_uv()
    if uv:
        arguments = ["pip", "sync", "--quiet", "--require-hashes", "--python", str(python()), str(lock)]
        if subprocess.run([uv, *arguments], check=False, env=_environment(), capture_output=True).returncode == 0:
            return
    # pip knows the mirrors and proxies of this machine's pip configuration, which uv does not read.
    _run(
        [str(python()), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)],
        "install the packages of the lock",
    )


def _private_uv() -> str | None:
    """uv in a folder of its own, so that it neither counts as a dependency nor needs to be installed on the machine."""
    program = TOOLS / "bin" / "uv"
    if not program.exists():
        arguments = ["-m", "pip", "install", "--quiet", "--target", str(TOOLS), "uv"]
        subprocess.run([str(python()), *arguments], check=False, env=_environment(), capture_output=True)
    return str(program) if program.exists() else None


def _run(arguments: list[str], purpose: str) -> None:
    done = subprocess.run(
        arguments, check=False, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise SetupFailed(f"could not {purpose}. Is the network there, and the disk not full?\n{done.stdout.strip()}")


def _environment() -> dict[str, str]:
    ours = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "VIRTUAL_ENV": str(VENV)}
    # uv brings its own certificates; those of the machine also know a company's proxy. Two names for two ages of uv.
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **os.environ, **ours}


def _say(text: str) -> None:
    print(f"pmtrack: {text}", file=sys.stderr, flush=True)
