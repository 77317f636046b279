"""ETag and 304, as the document and the page say: every GET, and the command that people copy."""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pmtrack.reference.document import calls
from pmtrack.reference.examples import EXAMPLES
from pmtrack.reference.names import filled
from pmtrack.reference.snippets import curl_again
from pmtrack.reference.views import AGAIN
from pmtrack.web.schema import document
from tests.api.test_reference import World, world

__all__ = ["world"]


def test_every_get_answers_304_when_it_is_asked_again_as_documented(world: World) -> None:
    gets = {call.operation for call in calls().values() if call.method == "GET"}
    wrong = {}
    for operation in gets:
        url = f"{world.base}{filled(EXAMPLES[operation].path, world.words)}"
        headers = {"Authorization": f"Bearer {world.secret}"}
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as first:
            held = first.headers["ETag"] or ""
        again = urllib.request.Request(url, headers={**headers, "If-None-Match": held})
        try:
            urllib.request.urlopen(again).close()
            wrong[operation] = 200
        except urllib.error.HTTPError as unchanged:
            if (unchanged.code, unchanged.headers["ETag"], unchanged.read()) != (304, held, b""):
                wrong[operation] = unchanged.code
    assert wrong == {}
    operations = [(name, one) for methods in document()["paths"].values() for name, one in methods.items()]
    for method, operation in operations:
        takes = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header"]
        assert (takes == ["If-None-Match"]) == ("304" in operation["responses"]) == (method == "get")


def test_asking_again_with_the_real_curl_fetches_an_answer_once(world: World, tmp_path: Path) -> None:
    program = shutil.which("curl")
    if program is None:
        assert os.environ.get("PMTRACK_REQUIRE_BROWSER") != "1", "Install curl: here a test that skips is a failure."
        pytest.skip("there is no curl on this machine")
    text, said = curl_again(EXAMPLES[AGAIN], base=world.base, words=world.words), []
    env = {**os.environ, "PMTRACK_TOKEN": world.secret}
    for _ in range(3):
        done = subprocess.run(["sh", "-c", text], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
        said.append(done.stdout)
    assert said == ["200\n", "304\n", "304\n"]
    assert json.loads((tmp_path / "series.json").read_text())["slug"] == world.words["kpi"]
