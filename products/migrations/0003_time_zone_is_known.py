"""A time zone that PostgreSQL does not know would stop every figure that is cut with it."""

from django.db import migrations, models

import products.models.products

CHECK = """
ALTER TABLE products_product ADD CONSTRAINT products_product_time_zone_is_known
    CHECK (timezone(time_zone, TIMESTAMP '2000-01-01') IS NOT NULL)
"""


class Migration(migrations.Migration):
    """The form refuses in words, the database refuses whatever went round the form."""

    dependencies = [("products", "0002_product_type_never_changes")]

    operations = [
        migrations.AlterField(
            model_name="product",
            name="time_zone",
            field=models.CharField(
                default="UTC",
                help_text="IANA name; days are cut here.",
                max_length=64,
                validators=[products.models.products.known_time_zone],
            ),
        ),
        migrations.RunSQL(CHECK, "ALTER TABLE products_product DROP CONSTRAINT products_product_time_zone_is_known"),
    ]
