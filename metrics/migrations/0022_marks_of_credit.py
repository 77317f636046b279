"""Marks of credit: whatever credit hangs on notes the company, and pages know that credit changed.

An enablement's question and its reminders change nothing, so only some columns of it matter, and of releases, products and
estimates likewise. Programs of the release before write no credit; the marks wait for those that do.
"""

from django.db import migrations

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
ESTIMATE = (
    "release_id, kpi_id, basis, is_preferred, is_early, word, effect, se, form, level, steps, members, window_start, live_on"
)
ENABLEMENT = "id, upstream_product_id, upstream_release_id, feature_id, downstream_product_id, kind, state, days_low, days_high, made_at"
# (table, columns that credit hangs on)
HANGS_ON = [
    ("metrics_estimate", ESTIMATE),
    ("metrics_enablement", ENABLEMENT),
    ("products_productteam", "product_id, team_id, period"),
    ("products_release", "id, product_id, live_at, feature_keys"),
    ("products_product", "id, time_zone, continues_id"),
]


def marking(table, columns, event, tables):
    """A statement trigger that marks the company where one of ``columns`` changed."""
    name = f"metrics_mark_credit_{table}_{event.lower()}"
    referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
    changed = f"SELECT FROM {tables[0]}"
    if event == "UPDATE":
        changed = f"SELECT {columns} FROM old_rows EXCEPT SELECT {columns} FROM new_rows"
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({changed}) THEN
                INSERT INTO metrics_creditmark (source, marked_at) VALUES ('{table}', clock_timestamp());
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
            FOR EACH STATEMENT EXECUTE FUNCTION {name}();
    """


def touching(event, tables):
    """Data versions as in products 0008: every product of a row, and the company."""
    name = f"products_touch_metrics_credit_{event.lower()}"
    referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
    products = " UNION ALL ".join(f"SELECT product_id FROM {rows}" for rows in tables)
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM {tables[0]}) THEN
                PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER {event} ON metrics_credit REFERENCING {referencing}
            FOR EACH STATEMENT EXECUTE FUNCTION {name}();
    """


# A product or a release that is new helps nobody yet: what it is named by marks.
MARKED = [
    (table, columns, event, tables)
    for table, columns in HANGS_ON
    for event, tables in EVENTS
    if event == "UPDATE" or table not in {"products_product", "products_release"} or (table, event) == ("products_release", "INSERT")
]
TRUNCATED = """CREATE TRIGGER products_touch_metrics_credit_truncate AFTER TRUNCATE ON metrics_credit
    FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""
EVERYTHING = "INSERT INTO metrics_creditmark (source, marked_at) SELECT 'migration', clock_timestamp() WHERE EXISTS (SELECT FROM metrics_estimate);"
FORWARD = "\n".join(
    [
        *[marking(*one) for one in MARKED],
        *[touching(*one) for one in EVENTS],
        TRUNCATED,
        EVERYTHING,
    ]
)
FUNCTIONS = [
    *[f"metrics_mark_credit_{table}_{event.lower()}" for table, _, event, _ in MARKED],
    *[f"products_touch_metrics_credit_{event.lower()}" for event, _ in EVENTS],
]
BACKWARD = "\n".join(
    [
        *[f"DROP FUNCTION {name} CASCADE;" for name in FUNCTIONS],
        "DROP TRIGGER products_touch_metrics_credit_truncate ON metrics_credit;",
        "DELETE FROM metrics_creditmark;",
    ]
)


class Migration(migrations.Migration):
    """Adds triggers; the credit of what is already read follows through a mark."""

    dependencies = [("metrics", "0021_credits")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
