"""What `manage.py test` does: pytest with our defaults, in this process."""

import os
import sys

from pmtrack.stack.places import ROOT

WHOLE_SUITE = ["-n", "2", "--dist", "loadgroup"]


def run(arguments: list[str]) -> None:
    """Become pytest. Without arguments the whole suite runs on two processes; with arguments it runs plainly, as you say."""
    os.chdir(ROOT)
    command = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
    os.execv(sys.executable, command)
