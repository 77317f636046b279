"""Migrations run while the release before them serves people: the rules hold, and no lock is waited for long."""

from contextlib import closing
from time import perf_counter

import psycopg2
import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.core.management import get_commands
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from pmtrack.management.commands.migrate import TableInUse, with_patience
from tests.architecture.migration_rules import BASELINE, broken_rules

OURS = ("products", "feedback", "metrics")
NOT_EMPTY = models.CheckConstraint(condition=~models.Q(name=""), name="has_a_name")
BY_NAME = models.Index(fields=["name"], name="by_name")


def test_every_migration_since_the_baseline_leaves_running_code_alone() -> None:
    loader = MigrationLoader(None)
    before = {node for last in BASELINE.items() for node in loader.graph.forwards_plan(last)}
    found = []
    for label, name in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        if label in OURS and (label, name) not in before:
            state = loader.project_state((label, name), at_end=False)
            found += broken_rules(loader.graph.nodes[label, name], state)
    assert found == []


def nothing(apps: object, editor: object) -> None:
    """A data migration in one go."""


def nothing_in_batches(apps: object, editor: object) -> None:
    """A data migration in batches."""


def rules_broken_by(*operations: Operation, atomic: bool = True, **attributes: str) -> list[str]:
    """What a migration of the products app with these operations breaks."""
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic, **attributes})
    loader = MigrationLoader(None)
    return broken_rules(made("0999_new", "products"), loader.project_state(loader.graph.leaf_nodes("products")))


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddIndex("team", BY_NAME), "AddIndexConcurrently"),
        (AddIndexConcurrently("team", BY_NAME), "needs atomic = False"),
        (migrations.AddConstraint("team", NOT_EMPTY), "AddConstraintNotValid"),
        (migrations.AddField("team", "code", models.CharField(max_length=9)), "null=True or db_default"),
        (migrations.AddField("team", "code", models.CharField(max_length=9, default="")), "null=True or db_default"),
        (migrations.AddField("team", "code", models.CharField(max_length=9, null=True, unique=True)), "an index"),
        (migrations.AlterField("releaseevent", "erased_at", models.DateTimeField()), "then set NOT NULL"),
        (migrations.AlterField("team", "name", models.IntegerField()), "add a column beside it"),
        (migrations.AlterField("team", "name", models.CharField(max_length=120, db_index=True)), "under a lock"),
        (migrations.AlterUniqueTogether("team", {("name", "slug")}), "use a constraint"),
        (migrations.RemoveField("team", "name"), "in a later release"),
        (migrations.DeleteModel("Ally"), "in a later release"),
        (migrations.RenameField("team", "name", "title"), "knows the old name"),
        (migrations.RenameModel("Team", "Squad"), "knows the old name"),
        (migrations.RunPython(nothing, migrations.RunPython.noop), "in batches"),
        (migrations.RunPython(nothing_in_batches, migrations.RunPython.noop), "atomic = False"),
        (migrations.RunPython(nothing_in_batches), "without reverse_code"),
        (migrations.RunSQL("SELECT 1"), "without reverse_sql"),
        (migrations.RunSQL("CREATE INDEX i ON products_team (name)", ""), "without CONCURRENTLY"),
        (migrations.RunSQL("ALTER TABLE products_team ADD CONSTRAINT c CHECK (true)", ""), "without NOT VALID"),
        (migrations.RunSQL("ALTER TABLE products_team ALTER COLUMN name SET NOT NULL", ""), "sets NOT NULL"),
        (migrations.RunSQL("ALTER TABLE products_team ALTER name TYPE text, ALTER COLUMN slug TYPE text", ""), "type"),
        (migrations.RunSQL("ALTER TABLE products_team DROP COLUMN name", ""), "code_left_in"),
        (migrations.RunSQL("UPDATE products_team SET name = ''", ""), "in batches"),
    ],
)
def test_what_people_would_feel_is_refused_in_words(operation: Operation, words: str) -> None:
    assert words in " / ".join(rules_broken_by(operation))


def test_the_ways_that_nobody_feels_are_open() -> None:
    new = migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])
    named = models.CheckConstraint(condition=~models.Q(name=""), name="note_has_a_name")
    assert rules_broken_by(new, migrations.AddConstraint("note", named), migrations.AddIndex("note", BY_NAME)) == []
    assert rules_broken_by(AddIndexConcurrently("team", BY_NAME), atomic=False) == []
    assert rules_broken_by(AddConstraintNotValid("team", NOT_EMPTY)) == []
    assert rules_broken_by(migrations.AddField("team", "code", models.CharField(max_length=9, null=True))) == []
    assert rules_broken_by(migrations.AddField("team", "code", models.CharField(max_length=9, db_default=""))) == []
    noop = migrations.RunPython(nothing_in_batches, migrations.RunPython.noop)
    assert rules_broken_by(noop, atomic=False) == []
    later = migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("team", "name")])
    assert rules_broken_by(later) == []
    assert (
        rules_broken_by(migrations.RunSQL("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ UPDATE x $$", "")) == []
    )


def test_a_constraint_is_validated_in_a_migration_of_its_own() -> None:
    both = rules_broken_by(AddConstraintNotValid("team", NOT_EMPTY), ValidateConstraint("team", "has_a_name"))
    assert "validate in the next migration" in " / ".join(both)


def test_migrate_is_the_patient_one() -> None:
    assert get_commands()["migrate"] == "pmtrack"


@pytest.mark.django_db(transaction=True)
def test_a_migration_waits_two_seconds_for_a_lock_lets_others_pass_and_tries_again() -> None:
    said: list[str] = []
    took: list[float] = []
    with closing(psycopg2.connect(dsn())) as holder:
        holder.cursor().execute("LOCK TABLE products_ally IN ACCESS SHARE MODE")  # a report that reads for long

        def work() -> None:
            began = perf_counter()
            try:
                with connection.cursor() as cursor:
                    cursor.execute("ALTER TABLE products_ally ADD COLUMN test_patience int")
            finally:
                took.append(perf_counter() - began)

        def say(words: str) -> None:
            said.append(words)
            # Between two tries everybody gets through, and here the report ends.
            with closing(psycopg2.connect(dsn(), options="-c lock_timeout=1s")) as other:
                other.cursor().execute("SELECT count(*) FROM products_ally")
            holder.rollback()

        with_patience(connection, work, say=say, pauses=(0.01, 0.01))
    assert said == ["A table is in use; trying again in 0.01 s (1 of 3 tries)."]
    assert 1.9 < took[0] < 4
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_ally DROP COLUMN test_patience")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("4s",), "the session is as it was"


@pytest.mark.django_db(transaction=True)
def test_a_table_that_stays_in_use_ends_in_words_and_a_half_made_index_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtrack.management.commands.migrate.LOCK_TIMEOUT", "100ms")
    making = "CREATE INDEX CONCURRENTLY test_half_made ON products_ally (function)"
    with closing(psycopg2.connect(dsn())) as holder:
        holder.cursor().execute("LOCK TABLE products_ally IN ROW EXCLUSIVE MODE")  # somebody who writes for long

        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute(making)

        with pytest.raises(TableInUse, match="stayed in use through 2 tries"):
            with_patience(connection, work, say=lambda words: None, pauses=(0.01,))
    with_patience(connection, work, say=lambda words: None, pauses=())
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'test_half_made'::regclass")
        assert cursor.fetchall() == [(True,)]
        cursor.execute("DROP INDEX test_half_made")


def dsn() -> str:
    """The address of the test's database for a session of one's own."""
    given = connection.get_connection_params()
    parts = {name: given[name] for name in ("dbname", "user", "password", "host", "port")}
    return psycopg2.extensions.make_dsn(**parts)
