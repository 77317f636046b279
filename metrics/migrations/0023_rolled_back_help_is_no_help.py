"""A helping release that is rolled back, or shipped again, marks credit: nobody is credited for a release that nobody has."""

from django.db import migrations

# As migration 0022 made it, with the columns that matter.
MARKING = """
CREATE OR REPLACE FUNCTION metrics_mark_credit_products_release_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT {columns} FROM old_rows EXCEPT SELECT {columns} FROM new_rows) THEN
        INSERT INTO metrics_creditmark (source, marked_at) VALUES ('products_release', clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
"""
ROLLED_BACK = """
INSERT INTO metrics_creditmark (source, marked_at) SELECT 'migration', clock_timestamp() WHERE EXISTS (
    SELECT FROM metrics_enablement AS said JOIN products_release AS helping ON helping.id = said.upstream_release_id
    WHERE helping.state = 'rolled_back'
);
"""
COLUMNS = "id, product_id, live_at, feature_keys"


class Migration(migrations.Migration):
    """Replaces one function of a trigger; what is credited for such help already follows through a mark."""

    dependencies = [("metrics", "0022_marks_of_credit")]

    operations = [
        migrations.RunSQL(
            MARKING.format(columns=f"{COLUMNS}, state") + ROLLED_BACK, MARKING.format(columns=COLUMNS) + ROLLED_BACK
        )
    ]
