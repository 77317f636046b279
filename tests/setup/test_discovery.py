"""Where settings learn of servers and secrets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pmtrack.stack import discovery
from pmtrack.stack.discovery import ServerUrls

URLS = ServerUrls("postgresql://app@here/pmtrack", "redis://here/0", "postgresql://owner@here/pmtrack")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, and nothing said by the environment."""
    monkeypatch.setenv("PMTRACK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    return tmp_path / "home"


def test_without_environment_and_record_there_is_no_server() -> None:
    assert discovery.server_urls() is None


def test_the_record_of_a_running_up_names_the_servers() -> None:
    discovery.record_servers(URLS)
    assert discovery.server_urls() == URLS
    discovery.forget_servers()
    assert discovery.server_urls() is None


def test_the_environment_wins_over_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    discovery.record_servers(URLS)
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/pmtrack")
    assert discovery.server_urls() == ("postgresql://there/pmtrack", URLS.redis_url, "")


def test_the_owners_login_is_believed_only_beside_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMTRACK_OWNER_DATABASE_URL", "postgresql://owner@there/pmtrack")
    discovery.record_servers(URLS)
    assert discovery.owner_url() == URLS.owner_url
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@there/pmtrack")
    assert discovery.owner_url() == "postgresql://owner@there/pmtrack"


def test_the_record_of_a_dead_up_is_not_believed() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    discovery.record_servers(URLS)
    record = discovery.servers_file()
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": dead.pid}))
    assert discovery.server_urls() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"database_url": 7, "pid": 1}', '{"database_url": "x"}'])
def test_a_damaged_record_is_no_record(content: str) -> None:
    discovery.record_servers(URLS)
    discovery.servers_file().write_text(content)
    assert discovery.database_url() is None


def test_secrets_are_made_once_and_kept_private(own_home: Path) -> None:
    assert discovery.secret("SECRET_KEY") is None
    discovery.ensure_secrets()
    first = discovery.secret("SECRET_KEY")
    discovery.ensure_secrets()
    assert first is not None
    assert len(first) >= 50
    assert discovery.secret("SECRET_KEY") == first != discovery.secret("TOKEN_PEPPER")
    assert (own_home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert own_home.stat().st_mode & 0o777 == 0o700


def test_discovery_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; import pmtrack.stack.discovery, pmtrack.stack.bootstrap; print('ok')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.stdout == "ok\n"


def test_a_command_beside_a_running_up_knows_it_and_one_with_a_database_of_its_own_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not discovery.beside_up()
    discovery.record_servers(URLS)
    assert discovery.beside_up()
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/pmtrack")
    assert not discovery.beside_up()
