"""Marks by triggers: whoever changes a fact, by whatever path, leaves a note of the (product, days) it touched.

Statement triggers with transition tables: one bulk insert costs one statement. Old and new coordinates are marked,
so that a moved fact refreshes both its places.
"""

from django.db import migrations

# (table, source's name, what to hold still, the query that gives product_id and day for the rows of {rows})
#
# Where the coordinates stand in another row (an entry's root, a voice's entry, an exposure's release), that row is
# share-locked until commit: otherwise it could move, be marked and be drained while our fact is not yet visible.
BY_ROWS = [
    ("metrics_reading", "readings", [], "SELECT product_id, day FROM {rows}"),
    ("metrics_usage", "usage", [], "SELECT product_id, week FROM {rows}"),
    (
        "feedback_feedback",
        "feedback",
        [("feedback_feedback", "SELECT merged_into_id FROM {rows}")],
        """
        SELECT product.id, (touched.received_at AT TIME ZONE product.time_zone)::date
        FROM {rows} AS changed
        LEFT JOIN feedback_feedback AS root ON root.id = changed.merged_into_id
        CROSS JOIN LATERAL (VALUES (changed.product_id, changed.received_at), (root.product_id, root.received_at))
            AS touched (product_id, received_at)
        JOIN products_product AS product ON product.id = touched.product_id
        """,
    ),
    (
        "feedback_voice",
        "voices",
        [
            ("feedback_feedback", "SELECT feedback_id FROM {rows}"),
            (
                "feedback_feedback",
                "SELECT entry.merged_into_id FROM {rows} AS changed"
                " JOIN feedback_feedback AS entry ON entry.id = changed.feedback_id",
            ),
        ],
        """
        SELECT product.id, (touched.received_at AT TIME ZONE product.time_zone)::date
        FROM {rows} AS changed
        JOIN feedback_feedback AS entry ON entry.id = changed.feedback_id
        LEFT JOIN feedback_feedback AS root ON root.id = entry.merged_into_id
        CROSS JOIN LATERAL (VALUES (entry.product_id, entry.received_at), (root.product_id, root.received_at))
            AS touched (product_id, received_at)
        JOIN products_product AS product ON product.id = touched.product_id
        """,
    ),
    (
        "products_exposure",
        "exposures",
        [("products_release", "SELECT release_id FROM {rows}")],
        """
        SELECT product.id, (touched.at AT TIME ZONE product.time_zone)::date
        FROM {rows} AS changed
        JOIN products_release AS release ON release.id = changed.release_id
        JOIN products_product AS product ON product.id = release.product_id
        CROSS JOIN LATERAL (VALUES (changed.exposed_at), (changed.rolled_back_at)) AS touched (at)
        WHERE touched.at IS NOT NULL
        """,
    ),
]

# Entities whose change moves many days at once: one mark over the whole of time, and the drain finds the days.
# (table, source's name, condition, what to wait for, the products that are touched)
#
# A fact that is written while the clock moves would be marked on a day of the old clock. Such a move is rare, so it
# waits for the writers of those tables, and they for it; writers never pay.
WHOLE = [
    (
        "products_product",
        "product",
        "old.time_zone IS DISTINCT FROM new.time_zone"
        " OR old.production_environment IS DISTINCT FROM new.production_environment",
        "LOCK TABLE feedback_feedback, feedback_voice, products_exposure IN SHARE MODE;",
        "VALUES (new.id)",
    ),
    (
        "products_release",
        "release",
        "old.product_id IS DISTINCT FROM new.product_id OR old.environment IS DISTINCT FROM new.environment",
        "",
        "VALUES (old.product_id), (new.product_id)",
    ),
    (
        # The first push names the source before its readings are there, and costs no mark.
        "metrics_kpi",
        "kpi",
        "old.source IS DISTINCT FROM new.source OR old.product_id IS DISTINCT FROM new.product_id",
        "",
        "SELECT DISTINCT product_id FROM metrics_reading"
        " WHERE product_id IN (old.product_id, new.product_id) AND kpi_id = new.id",
    ),
]


def by_rows(table: str, source: str, held: list[tuple[str, str]], query: str) -> str:
    """Three statement triggers on ``table``: for INSERT, UPDATE (old and new) and DELETE."""
    parts = []
    for event, tables in (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"])):
        steps = [
            f"PERFORM 1 FROM {other} WHERE id IN ({keys.format(rows=rows)}) ORDER BY id FOR SHARE;"
            for rows in tables
            for other, keys in held
        ]
        touched = " UNION ".join(query.format(rows=rows) for rows in tables)
        name = f"metrics_mark_{table}_{event.lower()}"
        referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {" ".join(steps)}
                INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
                SELECT touched.product_id, touched.day, touched.day + 1, '{source}', clock_timestamp()
                FROM (SELECT DISTINCT * FROM ({touched}) AS every) AS touched (product_id, day);
                RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    return "\n".join(parts)


def whole(table: str, source: str, condition: str, wait: str, products: str) -> str:
    """A row trigger on an entity: its change touches everything that was cut by it."""
    name = f"metrics_mark_{table}_update"
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {wait}
            INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
            SELECT touched.product_id, DATE '1970-01-01', DATE '9999-12-31', '{source}', clock_timestamp()
            FROM (SELECT DISTINCT * FROM ({products}) AS every) AS touched (product_id);
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
