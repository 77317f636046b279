"""Files that others made are listed with their licence and are what they were when they came."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "pmtrack/static/pmtrack/vendor.json"


def test_every_vendored_file_is_listed_with_its_licence_and_unchanged() -> None:
    for row in json.loads(LIST.read_text()):
        found = hashlib.sha256((ROOT / row["file"]).read_bytes()).hexdigest()
        assert found == row["sha256"], f"{row['file']} is not what {row['package']} {row['version']} ships"
        assert row["licence"]


def test_no_vendored_file_is_missing_from_the_list() -> None:
    listed = {row["file"] for row in json.loads(LIST.read_text())}
    static = ROOT / "pmtrack/static/pmtrack"
    vendored = {str(path.relative_to(ROOT)) for folder in ("icons", "fonts") for path in (static / folder).iterdir()}
    assert vendored <= listed


def test_the_licence_of_every_vendored_package_is_shipped_with_it() -> None:
    for row in json.loads(LIST.read_text()):
        assert (ROOT / row["licence_file"]).stat().st_size > 500, f"{row['package']} came without its licence text"
