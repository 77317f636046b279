"""Data versions: an effect stands on the pages of those who helped the product that shipped it, so their versions change with it."""

from django.db import migrations

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
# As in migration 0012: the product of the KPI, and that of the release.
SHOWN = """SELECT product_id FROM {rows} UNION ALL
    SELECT shipped.product_id FROM {rows} AS one JOIN products_release AS shipped ON shipped.id = one.release_id"""
HELPERS = """SELECT said.upstream_product_id FROM {rows} AS one JOIN products_release AS shipped ON shipped.id = one.release_id
    JOIN metrics_enablement AS said ON said.downstream_product_id = shipped.product_id AND said.feature_id IS NOT NULL"""


def touching(query):
    """The three functions of the estimates' triggers, touching what ``query`` names."""
    found = []
    for event, tables in EVENTS:
        products = " UNION ALL ".join(query.format(rows=rows) for rows in tables)
        found.append(
            f"""
            CREATE OR REPLACE FUNCTION products_touch_metrics_estimate_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {tables[0]}) THEN
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
                END IF;
                RETURN NULL;
            END $$;
            """
        )
    return "\n".join(found)


class Migration(migrations.Migration):
    """Replaces the functions of three triggers."""

    dependencies = [("metrics", "0023_rolled_back_help_is_no_help")]

    operations = [migrations.RunSQL(touching(f"{SHOWN} UNION ALL {HELPERS}"), touching(SHOWN))]
