"""A product's type never changes: an internal tool that opens to customers is a new product that continues it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION products_refuse_type_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The type of a product never changes. Add a new product that continues this one.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'products_product_type_never_changes';
END $$;
CREATE TRIGGER products_product_type_never_changes BEFORE UPDATE OF type ON products_product
    FOR EACH ROW WHEN (OLD.type IS DISTINCT FROM NEW.type) EXECUTE FUNCTION products_refuse_type_change();
"""

BACKWARD = """
DROP TRIGGER products_product_type_never_changes ON products_product;
DROP FUNCTION products_refuse_type_change();
"""


class Migration(migrations.Migration):
    """Guards the type in the database, where no write path can forget it."""

    dependencies = [("products", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
