"""Data versions of features, as in 0008, and a history of their stages that only grows."""

from django.db import migrations

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
OF_FEATURE = "SELECT feature.product_id FROM {rows} AS changed JOIN products_feature AS feature ON feature.id = changed.feature_id"
TOUCHED = {
    "products_feature": "SELECT product_id FROM {rows}",
    "products_stagechange": OF_FEATURE,
    "products_designquestion": OF_FEATURE,
    "products_feature_co_designers": OF_FEATURE,
}
ONLY_GROWS = """
CREATE FUNCTION products_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The history in % only grows: nothing in it is changed or deleted.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER products_stagechange_only_grows BEFORE UPDATE OR DELETE ON products_stagechange
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
"""


def touches(table, query):
    """Statement triggers that touch the products of the changed rows, and 0."""
    parts = []
    for event, rows in EVENTS:
        products = " UNION ALL ".join(query.format(rows=one) for one in rows)
        name = f"products_touch_{table}_{event.lower()}"
        referencing = " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {rows[0]}) THEN
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
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


FORWARD = "\n".join([ONLY_GROWS, *(touches(table, query) for table, query in TOUCHED.items())])
BACKWARD = "\n".join(
    [f"DROP FUNCTION products_touch_{table}_{event.lower()} CASCADE;" for table in TOUCHED for event, _ in EVENTS]
    + [f"DROP TRIGGER products_touch_{table}_truncate ON {table};" for table in TOUCHED]
    + ["DROP FUNCTION products_only_grows() CASCADE;"]
)


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("products", "0009_features")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
