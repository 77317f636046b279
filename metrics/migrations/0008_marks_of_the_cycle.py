"""Marks of the cycle: whatever moves a thing from stage to stage notes the days since when it stood and stands there.

An entry stands since the first of its group was heard, so a change of one marks the days of all that are merged with it.
The diagnosis of an entry is held still as its root is: otherwise it could be done, be marked and be drained while our entry is
not yet visible. Programs of the release before drain the marks that are left here without knowing these cells; what they
took is found by ``manage.py check_rollups``, and mended by ``--rebuild``.
"""

from importlib import import_module

from django.db import migrations

marks = import_module("metrics.migrations.0002_marks")
fewer = import_module("metrics.migrations.0007_fewer_marks")

DIAGNOSES_OF_ENTRIES = (
    "feedback_diagnosis",
    "SELECT diagnosis_id FROM {rows} UNION ALL SELECT root.diagnosis_id FROM {rows} AS changed"
    " JOIN feedback_feedback AS root ON root.id = changed.merged_into_id",
)
# The places of an entry itself and of its root, and for the root's product the days of all that are merged with it.
ENTRIES = """
    SELECT product.id, (touched.received_at AT TIME ZONE product.time_zone)::date
    FROM {rows} AS changed
    LEFT JOIN feedback_feedback AS root ON root.id = changed.merged_into_id
    CROSS JOIN LATERAL (
        VALUES (changed.product_id, changed.received_at), (root.product_id, root.received_at),
            (root.product_id, changed.received_at)
        UNION ALL
        SELECT CASE WHEN changed.merged_into_id IS NULL THEN changed.product_id ELSE root.product_id END,
            merged.received_at
        FROM feedback_feedback AS merged WHERE merged.merged_into_id = coalesce(changed.merged_into_id, changed.id)
    ) AS touched (product_id, received_at)
    JOIN products_product AS product ON product.id = touched.product_id
"""
# The day of the diagnosis, and the days of everything that was heard and is behind it.
DIAGNOSES = """
    SELECT product.id, (touched.at AT TIME ZONE product.time_zone)::date
    FROM {rows} AS changed
    CROSS JOIN LATERAL (
        SELECT changed.product_id, changed.diagnosed_at
        UNION ALL
        SELECT root.product_id, entry.received_at
        FROM feedback_feedback AS root
        JOIN feedback_feedback AS entry ON entry.id = root.id OR entry.merged_into_id = root.id
        WHERE root.diagnosis_id = changed.id
    ) AS touched (product_id, at)
    JOIN products_product AS product ON product.id = touched.product_id
    WHERE touched.at IS NOT NULL
"""
LINKS = """
    SELECT product.id, (diagnosis.diagnosed_at AT TIME ZONE product.time_zone)::date
    FROM {rows} AS changed
    JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = changed.diagnosis_id
    JOIN products_product AS product ON product.id = diagnosis.product_id
    WHERE diagnosis.diagnosed_at IS NOT NULL
"""
FEATURES = """
    SELECT product.id, (changed.stage_since AT TIME ZONE product.time_zone)::date
    FROM {rows} AS changed JOIN products_product AS product ON product.id = changed.product_id
"""
NEW = [
    ("feedback_diagnosis", "diagnoses", [], DIAGNOSES),
    ("feedback_diagnosisfeature", "built", [("feedback_diagnosis", "SELECT diagnosis_id FROM {rows}")], LINKS),
    ("products_feature", "features", [], FEATURES),
]
OLD = next(spec for spec in marks.BY_ROWS if spec[0] == "feedback_feedback")
CHANGED = ("feedback_feedback", "feedback", [*OLD[2], DIAGNOSES_OF_ENTRIES], ENTRIES)
# What waits for the writers of a table when a product's clock moves.
WAITS = "feedback_feedback, feedback_voice, products_exposure"
WAITS_NOW = f"{WAITS}, feedback_diagnosis, feedback_diagnosisfeature, products_feature"


def functions(table, source, held, query):
    """The three functions of a table; each leaves one mark for a product and week."""
    parts = []
    for event, tables in fewer.EVENTS:
        steps = [
            f"PERFORM 1 FROM {other} WHERE id IN ({keys.format(rows=rows)}) ORDER BY id FOR SHARE;"
            for rows in tables
            for other, keys in held
        ]
        touched = " UNION ALL ".join(query.format(rows=rows) for rows in tables)
        parts.append(
            f"""
            CREATE OR REPLACE FUNCTION metrics_mark_{table}_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {" ".join(steps)}
                {fewer.WEEKLY.format(source=source, touched=touched)}
                RETURN NULL;
            END $$;
            """
        )
    return "\n".join(parts)


def triggers(table):
    """What calls the three functions."""
    parts = []
    for event, tables in fewer.EVENTS:
        name = f"metrics_mark_{table}_{event.lower()}"
        referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
        parts.append(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        )
    return "\n".join(parts)


def clock(tables):
    """The function behind the mark of a product whose clock moves; the lock is taken by who moves it, not by this migration."""
    return f"""
        CREATE OR REPLACE FUNCTION metrics_mark_products_product_update() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            LOCK {tables} IN SHARE MODE;
            INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
            VALUES (new.id, DATE '1970-01-01', DATE '9999-12-31', 'product', clock_timestamp());
            RETURN NULL;
        END $$;
    """


EVERYTHING = """
INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
SELECT id, DATE '1970-01-01', DATE '9999-12-31', 'cycle', clock_timestamp() FROM products_product;
"""
FORWARD = "\n".join(
    [
        functions(*CHANGED),
        *(functions(*spec) + triggers(spec[0]) for spec in NEW),
        clock(WAITS_NOW),
        EVERYTHING,
    ]
)
BACKWARD = "\n".join(
    [
        functions(*OLD),
        *(f"DROP FUNCTION metrics_mark_{spec[0]}_{event.lower()} CASCADE;" for spec in NEW for event, _ in fewer.EVENTS),
        clock(WAITS),
        EVERYTHING,
    ]
)


class Migration(migrations.Migration):
    """Adds triggers and replaces functions: readers and writers go on; the cells of what stands open follow through the marks."""

    dependencies = [
        ("metrics", "0007_fewer_marks"),
        ("feedback", "0008_cycle_by_day"),
        ("products", "0014_kept_sheets"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
