"""The files that other machines install from: locks, image, compose file, CI script."""

import re
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from pmtrack.environment import database
from pmtrack.stack import programs
from pmtrack.stack.places import ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
OUR_ROLES = {"migrate", "web", "worker", "beat", "sweep"}


def lock(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    content = yaml.safe_load(lock("docker-compose.yml"))
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_with_hashes_and_no_address(name: str) -> None:
    text = lock(name)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 30
    assert [entry for entry in entries if not PIN.match(entry) or "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index" not in re.sub(r"^\S+==", "", text, flags=re.MULTILINE)


def test_the_dev_lock_adds_to_the_runtime_lock_and_changes_nothing() -> None:
    runtime, dev = set(PIN.findall(lock("requirements.lock"))), set(PIN.findall(lock("requirements-dev.lock")))
    assert runtime < dev


def test_the_locks_hold_all_that_the_project_names() -> None:
    project = tomllib.loads(lock("pyproject.toml"))

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=~!; ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}

    assert names(project["project"]["dependencies"]) <= {name for name, _ in PIN.findall(lock("requirements.lock"))}
    assert names(project["dependency-groups"]["dev"]) <= {
        name for name, _ in PIN.findall(lock("requirements-dev.lock"))
    }


def test_compose_runs_the_same_roles_as_up() -> None:
    services = compose()["services"]
    assert set(services) == OUR_ROLES | {"postgres", "valkey"}
    assert set(programs.commands(8000, ROOT / ".pmtrack")) == OUR_ROLES - {"migrate"}
    for role in OUR_ROLES:
        assert services[role]["environment"]["PMTRACK_ROLE"] == role


def test_compose_waits_for_healthy_servers_and_finished_migrations() -> None:
    services = compose()["services"]
    for name in ("web", "worker", "postgres", "valkey"):
        assert services[name]["healthcheck"]["test"], name
    for role in OUR_ROLES - {"migrate"}:
        assert services[role]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[role]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_compose_gives_the_owners_login_to_the_migration_alone() -> None:
    services = compose()["services"]
    owner = "PMTRACK_OWNER_DATABASE_URL"
    assert [role for role in sorted(OUR_ROLES) if owner in services[role]["environment"]] == ["migrate"]
    logins = {services[role]["environment"]["DATABASE_URL"].split(":")[1] for role in OUR_ROLES}
    assert logins == {"//pmtrack_app"}
    assert services["migrate"]["environment"][owner].startswith("postgresql://pmtrack:")


def test_compose_holds_no_secret_and_starts_without_none() -> None:
    environment = compose()["services"]["web"]["environment"]
    for name in ("PMTRACK_SECRET_KEY", "PMTRACK_TOKEN_PEPPER", "DATABASE_URL", "REDIS_URL"):
        assert re.search(r"\$\{\w+:\?", environment[name]), (
            f"{name} comes from .env, and Docker says so when it is missing"
        )


def test_the_image_runs_as_an_ordinary_user_from_the_hashed_lock() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER pmtrack"
    assert any("--require-hashes" in line and "requirements.lock" in line for line in lines)


def test_the_ci_script_is_valid_shell_and_requires_the_browser() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert (
        text.index("PMTRACK_REQUIRE_BROWSER=1") < text.index("manage.py test\n") < text.index("manage.py test --long")
    )


@pytest.mark.parametrize(("pooled", "is_bare"), [("1", True), ("", False)])
def test_behind_a_pooler_nothing_is_kept_on_a_connection(
    pooled: str, is_bare: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMTRACK_POOLED", pooled)
    assert database("postgresql://a:b@pooler/pmtrack", role="web")["DISABLE_SERVER_SIDE_CURSORS"] is is_bare
