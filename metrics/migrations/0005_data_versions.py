"""Data versions of the facts and figures of the upper floors; how they work stands in products 0008."""

from django.db import migrations

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
VOICES = "SELECT entry.product_id FROM {rows} AS changed JOIN feedback_feedback AS entry ON entry.id = changed.feedback_id"
OWN = "SELECT product_id FROM {rows}"
FACTS = {
    "metrics_reading": OWN,
    "metrics_readingcorrection": OWN,
    "metrics_usage": OWN,
    "metrics_rollup": OWN,
    "metrics_weeklyrollup": OWN,
    "metrics_trouble": OWN,
    "feedback_feedback": OWN,
    "feedback_voice": VOICES,
}
CATALOGUE = ["metrics_kpi", "metrics_kpidefinition", "feedback_account"]


def triggers(table, query):
    """Statement triggers on ``table``; ``query`` gives the products of changed rows, None stands for the catalogue."""
    parts = []
    for event, rows in EVENTS:
        scopes = "ARRAY[-1]::bigint[]"
        if query:
            products = " UNION ALL ".join(query.format(rows=one) for one in rows)
            scopes = f"ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint"
        name = f"products_touch_{table}_{event.lower()}"
        referencing = " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {rows[0]}) THEN
                    PERFORM products_touch({scopes});
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    parts.append(
        f"""CREATE TRIGGER products_touch_{table}_truncate AFTER TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""
    )
    return "\n".join(parts)


FORWARD = "\n".join(triggers(table, query) for table, query in [*FACTS.items(), *[(table, None) for table in CATALOGUE]])
BACKWARD = "\n".join(
    [
        f"DROP FUNCTION products_touch_{table}_{event.lower()} CASCADE;"
        for table in (*FACTS, *CATALOGUE)
        for event, _ in EVENTS
    ]
    + [f"DROP TRIGGER products_touch_{table}_truncate ON {table};" for table in (*FACTS, *CATALOGUE)]
)


class Migration(migrations.Migration):
    """Triggers on the tables of both upper floors, beside the marks."""

    dependencies = [
        ("metrics", "0004_kpi_names_found_by_likeness"),
        ("feedback", "0001_initial"),
        ("products", "0008_data_versions"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
