"""Becomes another program after setting what must be set from inside the new process. Run as a file, standard library only.

`python -I -S launch.py [--user UID:GID | --user-namespace UID] --parent PID --death-signal N -- PROGRAM ...`

A `preexec_fn` would do the same, but it may deadlock once the parent has threads; a test runner does.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def main(arguments: list[str]) -> None:
    """Read the options up to `--`, set them, and become the program behind it."""
    cut = arguments.index("--")
    options, program = arguments[:cut], arguments[cut + 1 :]
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if "--user-namespace" in options:
        enter_user_namespace(int(options[options.index("--user-namespace") + 1]))
    if "--user" in options:
        become(*map(int, options[options.index("--user") + 1].split(":")))
    # Last: a change of user clears the parent-death signal.
    die_with_parent(int(options[options.index("--parent") + 1]), int(options[options.index("--death-signal") + 1]))
    try:
        os.execvp(program[0], program)
    except OSError as problem:
        sys.exit(f"cannot run {program[0]}: {problem.strerror}")


def enter_user_namespace(inside: int) -> None:
    """Let us look like user `inside` to the program (PostgreSQL refuses uid 0 and unknown ones) while its files stay ours."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit(f"no user namespace: {os.strerror(ctypes.get_errno())}")
    for name, text in (("setgroups", "deny"), ("gid_map", f"{inside} {gid} 1"), ("uid_map", f"{inside} {uid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def become(uid: int, gid: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Ask Linux for a signal when the parent dies. Elsewhere the guardian alone does that work."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died before we could ask
        sys.exit("the parent is gone")


if __name__ == "__main__":
    main(sys.argv[1:])
