"""Every product's country is a code, now that the lock of adding the check is gone."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table without a lock that anybody waits for."""

    dependencies = [("products", "0015_countries")]

    operations = [ValidateConstraint("product", "products_product_country_is_a_code")]
