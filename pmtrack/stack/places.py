"""Where pmtrack keeps what belongs to one installation: everything of it in one folder."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The state folder: PMTRACK_HOME, else `.pmtrack` beside manage.py. It may not exist yet."""
    return Path(os.environ.get("PMTRACK_HOME") or ROOT / ".pmtrack").resolve()


def make_private(folder: Path) -> Path:
    """Create the folder, readable by its owner only (it holds passwords and data), and return it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, with mode 0600 from its first byte on."""
    make_private(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
