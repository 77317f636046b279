"""Our own PostgreSQL: one data folder, loopback TCP only, a random password, small, and the same on every machine."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2

from pmtrack.stack.binaries import postgres_folder
from pmtrack.stack.places import make_private, write_private
from pmtrack.stack.ports import LOOPBACK, free_port
from pmtrack.stack.processes import FOLDER, OURSELVES, PYTHON, Child, Identity, ProcessEnded, ProcessGroup

USER = NAME = "pmtrack"
APPLICATION = "pmtrack_app"  # `prepare` makes this login (pmtrack/stack/grants.py)
START_SECONDS = 30.0
LIKELY_USERS = (65534, 1000, 1)  # nobody, the first person, daemon: whichever the machine has
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "io_method": "sync",  # without three I/O workers: this server is small
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "dynamic_shared_memory_type": "mmap",  # containers often have a tiny /dev/shm
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
    "max_connections": "100",
}


class CannotRunPostgres(Exception):
    """PostgreSQL refuses root and we found no other identity; the message says what to do."""


def start(group: ProcessGroup, folder: Path, *, password: str, throw_away: bool = False) -> str:
    """Start the server on `folder` (made if missing) as a child of `group` and return its owner's URL once it answers.

    `throw_away` gives up durability for speed, for tests.
    """
    programs, identity = postgres_folder(), identity_for(folder)
    if not (folder / "PG_VERSION").exists():
        make_cluster(programs, folder, identity, password=password)
    forget_dead_owner(folder)
    port = free_port()
    settings = SETTINGS | (THROW_AWAY if throw_away else {}) | {"port": str(port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    child = group.start(
        "postgres",
        [str(programs / "postgres"), "-D", str(folder), *options],
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        stop_signal=signal.SIGINT,  # fast shutdown: roll back, end the sessions, write it down
        identity=identity,
    )
    wait_until_it_answers(child, port, password)
    return f"postgresql://{USER}:{quote(password, safe='')}@{LOOPBACK}:{port}/{NAME}"


def application_url(owner_url: str, *, password: str) -> str:
    """The same database with the application's login."""
    address = owner_url.rpartition("@")[2]
    return f"postgresql://{APPLICATION}:{quote(password, safe='')}@{address}"


def identity_for(folder: Path) -> Identity:
    """Whom PostgreSQL may run as: us; if it refuses us, us in a user namespace, else (as root) an ordinary user who can reach `folder`.

    It refuses root, and users without a name, as containers have them.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return OURSELVES
    for inside in filter(_has_name, LIKELY_USERS):
        namespace = Identity(("--user-namespace", str(inside)))
        if _can_run(namespace, "import os; raise SystemExit(os.geteuid() == 0)"):
            return namespace
    for uid in filter(_has_name, LIKELY_USERS if os.geteuid() == 0 else ()):
        ordinary = Identity(("--user", f"{uid}:{pwd.getpwuid(uid).pw_gid}"))
        if _reaches(ordinary, folder):
            return ordinary
    raise CannotRunPostgres(
        f"PostgreSQL refuses to run as this user, and there is neither a user namespace nor a user who may read {folder.parent} "
        f"and {postgres_folder()}. Run the command as an ordinary user, or set DATABASE_URL=postgresql://user:password@host/name."
    )


def make_cluster(programs: Path, folder: Path, identity: Identity, *, password: str) -> None:
    """Make a data folder in one step: one that was interrupted leaves only a draft, which the next try removes."""
    draft, word = folder.with_name(f"{folder.name}.draft"), folder.with_name("initdb-password")
    shutil.rmtree(draft, ignore_errors=True)
    make_private(draft)
    write_private(word, password)
    if "--user" in identity.options:
        uid, gid = map(int, identity.options[1].split(":"))
        os.chown(draft, uid, gid)
        os.chown(word, uid, gid)
    command = [
        str(programs / "initdb"),
        "-D",
        str(draft),
        "-U",
        USER,
        f"--pwfile={word}",
        "-A",
        "scram-sha-256",
        "--encoding=UTF8",
    ]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync"]
    try:
        done = _run_as(identity, command)
    finally:
        word.unlink(missing_ok=True)
    if done.returncode != 0:
        raise ProcessEnded(f"initdb could not make the database in {draft}:\n{done.stdout}")
    draft.replace(folder)


def forget_dead_owner(folder: Path) -> None:
    """Remove the note of a dead server whose process number now belongs to somebody else (after a restart of the machine).

    PostgreSQL would take that process for its own and refuse. The installation's lock keeps live servers out.
    """
    note = folder / "postmaster.pid"
    if not note.exists() or not Path("/proc/self/cmdline").exists():
        return
    process = Path("/proc", note.read_text(encoding="ascii").split("\n")[0].strip(), "cmdline")
    try:
        is_server = str(folder).encode() in process.read_bytes()
    except OSError:
        is_server = False
    if not is_server:
        note.unlink()


def wait_until_it_answers(child: Child, port: int, password: str) -> None:
    """Return once our database exists and takes connections; ProcessEnded if the server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        child.check()
        try:
            connection = psycopg2.connect(
                host=LOOPBACK, port=port, user=USER, password=password, dbname="postgres", connect_timeout=3
            )
        except psycopg2.OperationalError as problem:
            if time.monotonic() > deadline:
                raise ProcessEnded(
                    f"postgres does not answer after {START_SECONDS:.0f} s ({problem}). See {child.log}"
                ) from problem
            time.sleep(0.03)
            continue
        break
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _reaches(identity: Identity, folder: Path) -> bool:
    """Whether the user may run the programs and enter the data folder's parent (whose files stay private)."""
    make_private(folder.parent).chmod(0o711)
    program = postgres_folder() / "postgres"
    return _can_run(identity, f"import os; os.stat({str(program)!r}); os.stat({str(folder.parent)!r} + '/.')")


def _can_run(identity: Identity, code: str) -> bool:
    return _run_as(identity, [sys.executable, "-I", "-S", "-c", code]).returncode == 0


def _run_as(identity: Identity, command: list[str]) -> subprocess.CompletedProcess[str]:
    launch = [*PYTHON, str(FOLDER / "launch.py"), *identity.options, "--parent", str(os.getpid())]
    launch += ["--death-signal", str(int(signal.SIGKILL)), "--", *command]
    # LC_ALL=C: the messages are for us, and a locale that the machine lacks is no error.
    env = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(
        launch,
        check=False,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
