"""Marks by triggers: whoever changes a fact, by whatever path, leaves a note of the (product, days) it touched.

Statement triggers with transition tables: one bulk insert costs one statement. Old and new coordinates are marked,
so that a moved fact refreshes both its places.
"""

from django.db import migrations

# (table, source's name, the query that gives product_id, day, until for the rows of {rows})
BY_ROWS = [
    (
        "metrics_reading",
        "readings",
        "SELECT DISTINCT product_id, day, day + 1 FROM {rows}",
    ),
    (
        "metrics_usage",
        "usage",
        "SELECT DISTINCT product_id, week, week + 1 FROM {rows}",
    ),
    (
        "feedback_feedback",
        "feedback",
        """
        SELECT DISTINCT product.id, cut.day, cut.day + 1
        FROM {rows} AS changed
        LEFT JOIN feedback_feedback AS root ON root.id = changed.merged_into_id
        CROSS JOIN LATERAL (VALUES (changed.product_id, changed.received_at), (root.product_id, root.received_at))
            AS touched (product_id, received_at)
        JOIN products_product AS product ON product.id = touched.product_id
        CROSS JOIN LATERAL (SELECT (touched.received_at AT TIME ZONE product.time_zone)::date AS day) AS cut
        """,
    ),
    (
        "feedback_voice",
        "voices",
        """
        SELECT DISTINCT product.id, cut.day, cut.day + 1
        FROM {rows} AS changed
        JOIN feedback_feedback AS entry ON entry.id = changed.feedback_id
        LEFT JOIN feedback_feedback AS root ON root.id = entry.merged_into_id
        CROSS JOIN LATERAL (VALUES (entry.product_id, entry.received_at), (root.product_id, root.received_at))
            AS touched (product_id, received_at)
        JOIN products_product AS product ON product.id = touched.product_id
        CROSS JOIN LATERAL (SELECT (touched.received_at AT TIME ZONE product.time_zone)::date AS day) AS cut
        """,
    ),
    (
        "products_exposure",
        "exposures",
        """
        SELECT DISTINCT product.id, cut.day, cut.day + 1
        FROM {rows} AS changed
        JOIN products_release AS release ON release.id = changed.release_id
        JOIN products_product AS product ON product.id = release.product_id
        CROSS JOIN LATERAL (VALUES (changed.exposed_at), (changed.rolled_back_at)) AS touched (at)
        CROSS JOIN LATERAL (SELECT (touched.at AT TIME ZONE product.time_zone)::date AS day) AS cut
        WHERE touched.at IS NOT NULL
        """,
    ),
]

# Entities whose change moves many days at once: one mark over the whole of time; the drain finds the days.
ALWAYS = "DATE '1970-01-01', DATE '9999-12-31'"
WHOLE = [
    (
        "products_product",
        "product",
        "old.time_zone IS DISTINCT FROM new.time_zone"
        " OR old.production_environment IS DISTINCT FROM new.production_environment",
        "new.id",
    ),
    (
        "metrics_kpi",
        "kpi",
        "old.source IS DISTINCT FROM new.source AND old.source <> ''",
        "new.product_id",
    ),
]


def by_rows(table: str, source: str, query: str) -> str:
    """Three statement triggers on ``table``: for INSERT, UPDATE (old and new) and DELETE."""
    marking = "INSERT INTO metrics_mark (product_id, day, until, source, marked_at) "
    parts = []
    for event, tables in (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"])):
        body = "\n".join(
            f"{marking} SELECT found.*, '{source}', clock_timestamp() FROM ({query.format(rows=rows)}) AS found"
            " WHERE found.product_id IS NOT NULL;".replace("found.product_id", "found.marked_product")
            .replace("AS found WHERE", "AS found (marked_product, marked_day, marked_until) WHERE")
            for rows in tables
        )
        name = f"metrics_mark_{table}_{event.lower()}"
        referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
            {body}
            RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    return "\n".join(parts)


def whole(table: str, source: str, condition: str, product: str) -> str:
    """A row trigger on an entity: its change touches everything that was cut by it."""
    name = f"metrics_mark_{table}_update"
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
            VALUES ({product}, {ALWAYS}, '{source}', clock_timestamp());
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW WHEN ({condition})
            EXECUTE FUNCTION {name}();
    """


# What a reading said before a later push replaced it: kept by the database, whoever pushes.
CORRECTIONS = """
CREATE FUNCTION metrics_keep_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO metrics_readingcorrection
        (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at, replaced_at)
    SELECT was.product_id, was.kpi_id, was.day, was.source, was.numerator, was.denominator, was.n, was.squares,
        was.status, was.recorded_at, becomes.recorded_at
    FROM old_rows AS was JOIN new_rows AS becomes USING (product_id, kpi_id, day, source);
    RETURN NULL;
END $$;
CREATE TRIGGER metrics_keep_correction AFTER UPDATE ON metrics_reading
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_keep_correction();
"""


def forward() -> str:
    """All triggers of this migration."""
    parts = [by_rows(*spec) for spec in BY_ROWS] + [whole(*spec) for spec in WHOLE] + [CORRECTIONS]
    return "\n".join(parts)


def backward() -> str:
    """Take all of them away; a function goes with its triggers."""
    names = [f"metrics_mark_{table}_{event}" for table, *_ in BY_ROWS for event in ("insert", "update", "delete")]
    names += [f"metrics_mark_{table}_update" for table, *_ in WHOLE] + ["metrics_keep_correction"]
    return "\n".join(f"DROP FUNCTION {name} CASCADE;" for name in names)


class Migration(migrations.Migration):
    """Installs the marks on the tables of all floors, so that the lower ones stay ignorant of being measured."""

    dependencies = [
        ("metrics", "0001_initial"),
        ("feedback", "0001_initial"),
        ("products", "0002_product_type_never_changes"),
    ]

    operations = [migrations.RunSQL(forward(), backward())]
