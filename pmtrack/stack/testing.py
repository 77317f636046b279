"""What `manage.py test` does: pytest with our defaults, in this process."""

import importlib.util
import os
import sys

from pmtrack.stack.places import ROOT

WHOLE_SUITE = ["-n", "2", "--dist", "loadgroup"]


def run(arguments: list[str]) -> None:
    """Become pytest. Without arguments the whole suite runs on two processes; with arguments it runs plainly, as you say."""
    if importlib.util.find_spec("pytest") is None:
        sys.exit(
            "pmtrack: this environment has no test tools. Leave it, so that manage.py uses its own, "
            "or run: pip install --require-hashes -r requirements-dev.lock"
        )
    os.chdir(ROOT)
    # The tests start Python a hundred times; where the shell forbids bytecode, each start would compile everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)])
