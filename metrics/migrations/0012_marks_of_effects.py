"""Marks of effects: whatever a reading hangs on notes the product of the KPI that is read, in the week before all weeks.

Effects are read from the cells of rollups, so a reading that changes marks its week, the drained week its cell, and the cell the
effect. A release, and a commitment of its, hold the release still while they note whom it concerns: whichever comes later sees
the other. A control that is named in the very second in which its own days are drained is found by ``manage.py check_estimates``.
Programs of the release before drain these marks without knowing effects; that command finds what they took, too.
"""

from django.db import migrations

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))

# The KPIs of a cell's product, and of those that hold the cell's KPI as a control.
CELLS = """
    SELECT changed.product_id FROM {rows} AS changed WHERE changed.measure LIKE 'kpi:%'
    UNION ALL
    SELECT kpi.product_id FROM {rows} AS changed
    JOIN metrics_commitmentcontrol AS control ON control.kpi_id = substr(changed.measure, 5)::bigint
    JOIN metrics_commitment AS named ON named.id = control.commitment_id
    JOIN metrics_kpi AS kpi ON kpi.id = named.kpi_id
    WHERE changed.measure LIKE 'kpi:%'
"""
# Of releases their own product, and the products of all KPIs that they or their features named.
NAMED_BY = """
    SELECT release.product_id FROM products_release AS release WHERE release.id IN (SELECT {release} FROM {rows})
    UNION ALL
    SELECT kpi.product_id FROM metrics_commitment AS named JOIN metrics_kpi AS kpi ON kpi.id = named.kpi_id
    WHERE named.release_id IN (SELECT {release} FROM {rows})
    UNION ALL
    SELECT kpi.product_id FROM products_release AS release
    CROSS JOIN LATERAL unnest(release.feature_keys) AS carried (key)
    JOIN metrics_commitment AS named ON named.feature_id = substr(carried.key, 3)::bigint
    JOIN metrics_kpi AS kpi ON kpi.id = named.kpi_id
    WHERE release.id IN (SELECT {release} FROM {rows}) AND carried.key ~* '^W-[1-9][0-9]{{0,17}}$'
"""
OF_KPI = "SELECT kpi.product_id FROM {rows} AS changed JOIN metrics_kpi AS kpi ON kpi.id = changed.kpi_id"
OF_CONTROL = """
    SELECT kpi.product_id FROM {rows} AS changed JOIN metrics_commitment AS named ON named.id = changed.commitment_id
    JOIN metrics_kpi AS kpi ON kpi.id = named.kpi_id
"""
OF_EVENT = """
    SELECT product.id FROM {rows} AS changed
    JOIN products_product AS product ON product.id = changed.product_id OR changed.product_id IS NULL
"""
HOLD_RELEASES = "PERFORM 1 FROM products_release WHERE id IN (SELECT release_id FROM {rows}) ORDER BY id FOR SHARE;"
# (table, what to hold still, the products that are touched)
BY_ROWS = [
    ("metrics_rollup", "", CELLS),
    ("products_exposure", HOLD_RELEASES, NAMED_BY.replace("{release}", "release_id")),
    ("metrics_commitment", HOLD_RELEASES, OF_KPI),
    ("metrics_commitmentcontrol", "", OF_CONTROL),
    ("metrics_experiment", "", OF_KPI),
    ("metrics_contextevent", "", OF_EVENT),
    ("metrics_kpidefinition", "", OF_KPI),
]
# Entities: the columns that a reading hangs on, and the products that are touched when one of them changes.
WHOLE = [
    (
        "products_release",
        ["product_id", "environment", "feature_keys", "state", "live_at", "rolled_back_at"],
        NAMED_BY.replace("{release}", "id"),
    ),
    (
        "products_product",
        ["time_zone", "production_environment", "country", "subdivision"],
        "SELECT id FROM {rows} UNION ALL SELECT kpi.product_id FROM {rows} AS changed"
        " JOIN products_release AS release ON release.product_id = changed.id"
        " CROSS JOIN LATERAL (SELECT kpi_id FROM metrics_commitment WHERE release_id = release.id) AS named"
        " JOIN metrics_kpi AS kpi ON kpi.id = named.kpi_id",
    ),
    (
        "metrics_kpi",
        ["product_id", "form", "currency", "cadence", "direction", "smallest_change_worth", "source"],
        "SELECT product_id FROM {rows}",
    ),
]


def marking(table, event, tables, held, query, condition=""):
    """A statement trigger that marks the effects of the products of the changed rows."""
    touched = " UNION ALL ".join(query.format(rows=rows) for rows in tables)
    name = f"metrics_mark_effects_{table}_{event.lower()}"
    referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
    mark = f"""
        INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
        SELECT DISTINCT touched.product_id, DATE '0001-01-01', DATE '0001-01-02', 'effects', clock_timestamp()
        FROM ({touched}) AS touched (product_id);
    """
    steps = " ".join(held.format(rows=rows) for rows in tables) + mark
    body = f"IF {condition} THEN {steps} END IF;" if condition else steps
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
        CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
            FOR EACH STATEMENT EXECUTE FUNCTION {name}();
    """


def by_rows():
    """The triggers of tables of which any change matters."""
    return [marking(table, event, tables, held, query) for table, held, query in BY_ROWS for event, tables in EVENTS]


def whole():
    """The triggers of tables of which some columns matter."""
    found = []
    for table, columns, query in WHOLE:
        told = ", ".join(["id", *columns])
        changed = f"EXISTS (SELECT {told} FROM old_rows EXCEPT SELECT {told} FROM new_rows)"
        found.append(marking(table, "UPDATE", ["old_rows", "new_rows"], "", query, changed))
    return found


# A page that shows an estimate shows it of the KPI's product and of the release's.
SHOWN = """
    SELECT product_id FROM {rows}
    UNION ALL
    SELECT release.product_id FROM {rows} AS changed JOIN products_release AS release ON release.id = changed.release_id
"""


def touches():
    """Data versions as in products 0008."""
    found = []
    for event, tables in EVENTS:
        products = " UNION ALL ".join(SHOWN.format(rows=rows) for rows in tables)
        name = f"products_touch_metrics_estimate_{event.lower()}"
        referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
        found.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {tables[0]}) THEN
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON metrics_estimate REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    found.append(
        """CREATE TRIGGER products_touch_metrics_estimate_truncate AFTER TRUNCATE ON metrics_estimate
        FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""
    )
    return found


EVERYTHING = """
INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
SELECT DISTINCT product_id, DATE '0001-01-01', DATE '0001-01-02', 'effects', clock_timestamp() FROM metrics_kpi;
"""
FORWARD = "\n".join([*by_rows(), *whole(), *touches(), EVERYTHING])
FUNCTIONS = [
    *[f"metrics_mark_effects_{table}_{event.lower()}" for table, *_ in BY_ROWS for event, _ in EVENTS],
    *[f"metrics_mark_effects_{table}_update" for table, *_ in WHOLE],
    *[f"products_touch_metrics_estimate_{event.lower()}" for event, _ in EVENTS],
]
BACKWARD = "\n".join(
    [
        *[f"DROP FUNCTION {name} CASCADE;" for name in FUNCTIONS],
        "DROP TRIGGER products_touch_metrics_estimate_truncate ON metrics_estimate;",
        "DELETE FROM metrics_mark WHERE day = DATE '0001-01-01';",
    ]
)


class Migration(migrations.Migration):
    """Adds triggers; the effects of what is already named follow through the marks."""

    dependencies = [("metrics", "0011_estimates"), ("products", "0016_countries_are_codes")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
