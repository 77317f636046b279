"""A backup of an older version comes back with its own schema, and the migrations since then run on its rows."""

from pathlib import Path

import pytest
from django.db import connection

from tests.architecture.migration_rules import BASELINE
from tests.operations.test_backup import ELSEWHERE, connected, elsewhere, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backup")]
__all__ = ["elsewhere"]
ASKED = "from django.test import Client; print(Client(SERVER_NAME='localhost').get('/readyz').content)"
OLD_ROWS = """
INSERT INTO products_user (password, email, name, is_admin, is_active) VALUES ('!', 'old@example.com', 'Old Otto', false, true);
INSERT INTO products_team (slug, name) VALUES ('booking', 'Booking');
INSERT INTO products_membership (role, period, team_id, user_id)
    SELECT 'pm', '[2024-01-01,)', t.id, u.id FROM products_team AS t, products_user AS u;
"""


@pytest.fixture
def old_backup(elsewhere: str, tmp_path: Path) -> Path:
    """A backup of a database that stopped at the migrations of an older version."""
    for app, name in BASELINE.items():
        done = manage(elsewhere, "migrate", app, name)
        assert done.returncode == 0, done.stderr
    with connected(elsewhere) as cursor:
        cursor.execute(OLD_ROWS)
    file = tmp_path / "old.backup"
    done = manage(elsewhere, "backup", str(file))
    assert done.returncode == 0, done.stderr
    return file


def readiness() -> str:
    """What the restored database's /readyz says."""
    return manage(ELSEWHERE, "shell", "--no-imports", "-c", ASKED).stdout


def test_an_older_backup_over_a_newer_schema_is_brought_up_to_date_at_once(old_backup: Path) -> None:
    assert manage(ELSEWHERE, "prepare", "--no-demo").returncode == 0
    assert "ready" in readiness(), "the database has this version's schema, and data"
    refused = manage(ELSEWHERE, "restore", str(old_backup))
    assert refused.returncode == 1
    assert "say --replace to lose what is here" in refused.stderr
    restored = manage(ELSEWHERE, "restore", str(old_backup), "--replace")
    assert restored.returncode == 0, restored.stderr
    assert "Applying products.0009" in restored.stdout, "what came since then ran right after"
    assert "ready" in readiness()
    with connected(ELSEWHERE) as cursor:
        cursor.execute(
            "SELECT u.name, t.slug, m.period::text, u.link_made_at FROM products_membership AS m "
            "JOIN products_user AS u ON u.id = m.user_id JOIN products_team AS t ON t.id = m.team_id"
        )
        assert cursor.fetchall() == [("Old Otto", "booking", "[2024-01-01,)", None)]
    assert manage(ELSEWHERE, "check_rollups").returncode == 0
    assert same_schema(), "it is the schema of a database that was never older"


def same_schema() -> bool:
    """Whether both databases have the same columns, constraints, indexes and triggers."""
    asked = """
        SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
            SELECT table_name || '.' || column_name || data_type || is_nullable FROM information_schema.columns
                WHERE table_schema = 'public'
            UNION ALL SELECT tablename || indexname FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT tgrelid::regclass::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT conrelid::regclass::text || conname || convalidated::text FROM pg_constraint
                WHERE connamespace = 'public'::regnamespace
        ) AS found (line)
    """
    found = []
    for name in (connection.settings_dict["NAME"], ELSEWHERE):
        with connected(name) as cursor:
            cursor.execute(asked)
            found.append(cursor.fetchone())
    return found[0] == found[1]
