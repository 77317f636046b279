"""A thank stays as it was said, goes to an ally of the product, and shows on the product's page at once."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION feedback_allythank_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM products_ally AS ally JOIN products_product AS product ON product.id = ally.product_id
        WHERE ally.product_id = NEW.product_id AND ally.user_id = NEW.ally_id
            AND lower(ally.period) <= (NEW.at AT TIME ZONE product.time_zone)::date
    ) THEN
        RAISE EXCEPTION 'Only an ally of the product is thanked.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_allythank_is_to_an_ally';
    END IF;
    PERFORM products_touch(ARRAY[NEW.product_id, 0]::bigint[]);
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_allythank_guard BEFORE INSERT ON feedback_allythank
    FOR EACH ROW EXECUTE FUNCTION feedback_allythank_guard();
CREATE TRIGGER feedback_allythank_only_grows BEFORE UPDATE OR DELETE ON feedback_allythank
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
"""

BACKWARD = """
DROP TRIGGER feedback_allythank_only_grows ON feedback_allythank;
DROP FUNCTION feedback_allythank_guard() CASCADE;
"""


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("feedback", "0012_ally_thanks")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
