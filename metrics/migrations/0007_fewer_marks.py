"""Fewer marks: one for each product and ISO week that a statement touched, from its first to its last touched day.

A batch of a thousand days leaves 143 marks instead of a thousand. Days between that did not change are computed again and
stay what they are. The release before takes such marks for ranges and finds their days itself, so both may run at once.
The cells that are computed get room in their pages: one that changes stays on its page, and no index hears of it.
"""

from importlib import import_module

from django.db import migrations

marks = import_module("metrics.migrations.0002_marks")

# 0001-01-01 is a Monday, so weeks are counted by whole numbers, without a time zone in between.
WEEKLY = """
    INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
    SELECT touched.product_id, min(touched.day), max(touched.day) + 1, '{source}', clock_timestamp()
    FROM ({touched}) AS touched (product_id, day)
    GROUP BY touched.product_id, (touched.day - DATE '0001-01-01') / 7;
"""
DAILY = """
    INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
    SELECT touched.product_id, touched.day, touched.day + 1, '{source}', clock_timestamp()
    FROM (SELECT DISTINCT * FROM ({touched}) AS every) AS touched (product_id, day);
"""
EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))


def replaced(statement: str) -> str:
    """The functions behind the marks of rows, leaving marks by ``statement``; the triggers that call them stay."""
    parts = []
    for table, source, held, query in marks.BY_ROWS:
        for event, tables in EVENTS:
            steps = [
                f"PERFORM 1 FROM {other} WHERE id IN ({keys.format(rows=rows)}) ORDER BY id FOR SHARE;"
                for rows in tables
                for other, keys in held
            ]
            touched = " UNION ALL ".join(query.format(rows=rows) for rows in tables)
            parts.append(
                f"""
                CREATE OR REPLACE FUNCTION metrics_mark_{table}_{event.lower()}() RETURNS trigger
                LANGUAGE plpgsql AS $$
                BEGIN
                    {" ".join(steps)}
                    {statement.format(source=source, touched=touched)}
                    RETURN NULL;
                END $$;
                """
            )
    return "\n".join(parts)


CELLS = ("metrics_rollup", "metrics_weeklyrollup")
WITH_ROOM = "; ".join(f"ALTER TABLE {table} SET (fillfactor = 80)" for table in CELLS)
WITHOUT = "; ".join(f"ALTER TABLE {table} RESET (fillfactor)" for table in CELLS)


class Migration(migrations.Migration):
    """Replaces functions and names a setting of pages to come: readers and writers go on, and waiting marks are drained as they are."""

    dependencies = [("metrics", "0006_audited_definitions")]

    operations = [migrations.RunSQL(replaced(WEEKLY), replaced(DAILY)), migrations.RunSQL(WITH_ROOM, WITHOUT)]
