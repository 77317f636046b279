"""Where the web processes of one server add their counts up: a folder named after their parent, new with each start."""

import os
import shutil
from pathlib import Path

from pmtrack.stack.locking import alive
from pmtrack.stack.places import home, make_private


def folder() -> Path | None:
    """The folder that all children of our parent share, or None where nothing may be written: each counts alone then."""
    try:
        counts = make_private(make_private(home()) / "counts")
        for old in counts.iterdir():
            if not (old.name.isdecimal() and alive(int(old.name))):
                shutil.rmtree(old, ignore_errors=True)
        return make_private(counts / str(os.getppid()))
    except OSError:
        return None
