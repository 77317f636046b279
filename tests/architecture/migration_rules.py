"""What a migration may do to tables that are in use (docs/migrations.md says why), read from its operations."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

ROOT = Path(__file__).resolve().parents[2]
# What was there before the rules: the last migration of each app that they leave alone, with all that it needs.
BASELINE = {"products": "0008_data_versions", "metrics": "0006_audited_definitions", "feedback": "0001_initial"}
DROPS = (operations.RemoveField, operations.DeleteModel)
RENAMES = (operations.RenameField, operations.RenameModel, operations.AlterModelTable)
TOGETHER = (operations.AlterUniqueTogether, operations.AlterIndexTogether)
BATCHED = re.compile(r"_in_batches$")
IN_SQL = {
    r"CREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)": "makes an index without CONCURRENTLY",
    r"ADD\s+CONSTRAINT(?![^;]*(NOT\s+VALID|USING\s+INDEX))": "adds a constraint without NOT VALID",
    r"SET\s+NOT\s+NULL": "sets NOT NULL, which reads the whole table under a lock",
    r"ALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE": "changes a column's type, which may rewrite the table",
    r"RENAME\s+(COLUMN|TO)\b": "renames what running code uses",
    r"^\s*(UPDATE|DELETE\s+FROM)\s": "changes rows in one statement; use RunPython in batches",
    r"VACUUM\s+FULL|CLUSTER\s|LOCK\s+TABLE": "locks a table",
}
IN_SQL_LATER = r"DROP\s+(TABLE|COLUMN)"


def broken_rules(migration: Migration, state: ProjectState) -> list[str]:
    """What ``migration`` does that running code or waiting users would feel; ``state`` is the project's before it."""
    created: set[str] = set()
    found: list[str] = []
    at = state.clone()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            created.add(operation.name_lower)
        found += [f"{migration}: {why}" for why in _judge(operation, migration, at, created)]
        operation.state_forwards(migration.app_label, at)
    return found


def _judge(operation: Operation, migration: Migration, state: ProjectState, created: set[str]) -> Iterator[str]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _judge(inner, migration, state, created)
    elif isinstance(operation, operations.RunPython):
        yield from _judge_python(operation, migration)
    elif isinstance(operation, operations.RunSQL):
        yield from _judge_sql(operation, migration, created)
    elif _model(operation) not in created:
        yield from _judge_table(operation, migration, state)


def _model(operation: Operation) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", "") or ""
    return str(name).lower()


def _judge_table(operation: Operation, migration: Migration, state: ProjectState) -> Iterator[str]:
    if isinstance(operation, DROPS):
        yield f"{operation.describe()}: take it out of the code first (state only), drop it in a later release"
    elif isinstance(operation, RENAMES):
        yield f"{operation.describe()}: running code knows the old name; add, copy, drop in three releases"
    elif isinstance(operation, TOGETHER):
        yield f"{operation.describe()}: use a constraint or an index made concurrently"
    elif isinstance(operation, operations.AddIndex):
        if not isinstance(operation, AddIndexConcurrently):
            yield f"{operation.describe()}: use AddIndexConcurrently"
        elif migration.atomic:
            yield f"{operation.describe()}: CONCURRENTLY needs atomic = False"
    elif isinstance(operation, operations.AddConstraint):
        if not isinstance(operation, AddConstraintNotValid):
            yield f"{operation.describe()}: use AddConstraintNotValid, and ValidateConstraint in the next migration"
    elif isinstance(operation, ValidateConstraint) and any(
        isinstance(other, AddConstraintNotValid) for other in migration.operations
    ):
        yield f"{operation.describe()}: validate in the next migration, after the lock of adding it is gone"
    elif isinstance(operation, operations.AddField):
        yield from _judge_new_column(operation)
    elif isinstance(operation, operations.AlterField):
        yield from _judge_changed_column(operation, migration, state)


def _judge_new_column(operation: operations.AddField) -> Iterator[str]:
    field = operation.field
    if not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED):
        yield f"{operation.describe()}: code of the release before inserts without it; use null=True or db_default"
    if field.unique or field.db_index:
        yield f"{operation.describe()}: it makes an index under a lock; say db_index=False and add it concurrently"


def _judge_changed_column(operation: operations.AlterField, migration: Migration, state: ProjectState) -> Iterator[str]:
    before = state.apps.get_model(migration.app_label, operation.model_name)._meta.get_field(operation.name)
    later = state.clone()
    operation.state_forwards(migration.app_label, later)
    after = later.apps.get_model(migration.app_label, operation.model_name)._meta.get_field(operation.name)
    if before.null and not after.null:
        yield f"{operation.describe()}: add a NOT VALID check, validate it, then set NOT NULL"
    if before.db_type(connection) != after.db_type(connection):
        yield f"{operation.describe()}: another type rewrites the table; add a column beside it"
    if (after.unique or after.db_index) and not (before.unique or before.db_index):
        yield f"{operation.describe()}: it makes an index under a lock; use AddIndexConcurrently"


def _judge_python(operation: operations.RunPython, migration: Migration) -> Iterator[str]:
    if operation.reverse_code is None:
        yield "RunPython without reverse_code; say RunPython.noop where nothing is to be undone"
    name = getattr(operation.code, "__name__", "")
    if not BATCHED.search(name):
        yield f"RunPython({name}): work in batches, each its own transaction, and call it …_in_batches"
    if migration.atomic and operation.atomic is not False:
        yield f"RunPython({name}): batches need atomic = False"


def _judge_sql(operation: operations.RunSQL, migration: Migration, created: set[str]) -> Iterator[str]:
    if operation.reverse_sql is None:
        yield "RunSQL without reverse_sql; say RunSQL.noop where nothing is to be undone"
    statements = operation.sql if isinstance(operation.sql, str) else "; ".join(map(str, operation.sql))
    tables = {f"{migration.app_label}_{model}" for model in created}
    for statement in re.sub(r"\$\$.*?\$\$|--[^\n]*", "", statements, flags=re.DOTALL).split(";"):
        if any(re.search(rf"\b{table}\b", statement) for table in tables):
            continue
        for pattern, why in IN_SQL.items():
            if re.search(pattern, statement, re.IGNORECASE):
                yield f"RunSQL {why}: {' '.join(statement.split())[:80]}"
        if re.search(IN_SQL_LATER, statement, re.IGNORECASE) and not was_released(
            getattr(migration, "code_left_in", "")
        ):
            yield f"RunSQL drops what running code may use; set code_left_in to the release that stopped using it: {statement.strip()[:60]}"


def was_released(version: str) -> bool:
    """Whether the change log knows the release."""
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return bool(version) and re.search(rf"^## \[?{re.escape(version)}\b", log, re.MULTILINE) is not None


def place(migration: Migration) -> str:
    """The file of a migration, for messages."""
    return str(Path(inspect.getfile(type(migration))).relative_to(ROOT))
