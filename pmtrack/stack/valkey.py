"""Our own Valkey (it speaks Redis): loopback only, a random password, every write on disk, nothing evicted."""

import os
import socket
import time
from contextlib import closing
from pathlib import Path

from pmtrack.stack.binaries import valkey_program
from pmtrack.stack.places import make_private, write_private
from pmtrack.stack.ports import LOOPBACK, free_port
from pmtrack.stack.processes import Child, ProcessEnded, ProcessGroup

START_SECONDS = 15.0


def start(group: ProcessGroup, folder: Path, *, password: str, throw_away: bool = False) -> str:
    """Start the server on `folder` as a child of `group` and return its URL once it answers. `throw_away` writes nothing to disk."""
    make_private(folder)
    port = free_port()
    settings = {
        "bind": LOOPBACK,
        "port": str(port),
        "requirepass": password,
        "dir": str(folder),
        "appendonly": "no" if throw_away else "yes",
        "save": '""',
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "databases": "32",
        "daemonize": "no",
    }
    config = folder / "valkey.conf"
    write_private(config, "".join(f"{name} {value}\n" for name, value in settings.items()))
    child = group.start(
        "valkey", [str(valkey_program()), str(config)], env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    )
    wait_until_it_answers(child, port, password)
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def wait_until_it_answers(child: Child, port: int, password: str) -> None:
    """Return once the server answers PING (not while it still loads its data); ProcessEnded if it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not _pongs(port, password):
        child.check()
        if time.monotonic() > deadline:
            raise ProcessEnded(f"valkey does not answer after {START_SECONDS:.0f} s. See {child.log}")
        time.sleep(0.02)


def _pongs(port: int, password: str) -> bool:
    # By hand, in eight lines: `up` stays small without the redis client.
    try:
        with closing(socket.create_connection((LOOPBACK, port), timeout=1)) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
