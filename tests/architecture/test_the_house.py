"""The house rules as tests: imports, types, style, sizes, migrations, one writer for each table."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pmtrack", "metrics", "feedback", "products")
WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create", "raw"}


def run(*command: str, **env: str) -> None:
    """Run one of the environment's tools on the tree; its own output is the message of a failure."""
    clean = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        env={**clean, **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def python_files(*folders: str) -> Iterator[Path]:
    """The project's own Python files, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_imports_follow_the_staircase() -> None:
    run("lint-imports")


def test_the_code_is_formatted_and_ruff_finds_nothing() -> None:
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")


def test_services_queries_sources_and_mathematics_are_strictly_typed() -> None:
    run("mypy")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    run("python", "manage.py", "makemigrations", "--check", "--dry-run", PMTRACK_NO_BOOTSTRAP="1")


def test_production_settings_pass_the_deployment_check() -> None:
    run(
        "python",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        PMTRACK_NO_BOOTSTRAP="1",
        PMTRACK_LOCAL="0",
        PMTRACK_SECRET_KEY="k9" * 30 + "!aB3-xyz",
        PMTRACK_TOKEN_PEPPER="p7" * 30,
        PMTRACK_ALLOWED_HOSTS="pmtrack.example.com",
    )


def test_no_python_file_is_over_300_lines() -> None:
    files = [*python_files(*PACKAGES, "tests"), ROOT / "manage.py"]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_no_function_is_over_40_lines() -> None:
    long = {}
    for path in python_files(*PACKAGES, "tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 40:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}


def models_of(app: str) -> set[str]:
    """Names of the classes that an app's models modules define."""
    return {
        node.name
        for path in python_files(f"{app}/models")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }


def written_model(call: ast.Call) -> str | None:
    """The model's name in ``Model.objects….create(…)`` and the like, else None."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in WRITES):
        return None
    node: ast.expr = call.func
    while isinstance(node, ast.Attribute | ast.Call):
        inner = node.value if isinstance(node, ast.Attribute) else node.func
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(inner, ast.Name):
            return inner.id
        node = inner
    return None


def test_every_table_is_written_by_its_own_app_only() -> None:
    owner = {model: app for app in ("products", "feedback", "metrics") for model in models_of(app)}
    strangers = []
    for path in python_files(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (model := written_model(node)) in owner:
                home = path.relative_to(ROOT).parts[0]
                if home != owner[model or ""]:
                    strangers.append(f"{path.relative_to(ROOT)}:{node.lineno} writes {model}")
    assert strangers == []


def test_no_module_is_called_utils_helpers_common_or_core() -> None:
    vague = {"utils", "helpers", "common", "core", "misc"}
    assert [str(path) for path in python_files(*PACKAGES) if path.stem in vague or path.parent.name in vague] == []


def test_no_template_carries_inline_style_or_script() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert " style=" not in text, f"{path.name}: looks belong in the CSS; the policy forbids inline style"
        assert "<style" not in text, f"{path.name}: the policy forbids inline style"
        assert " onclick=" not in text, f"{path.name}: the policy forbids inline handlers"
        assert "<script>" not in text, f"{path.name}: the policy forbids inline script"
