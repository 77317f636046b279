"""Every kept table is of a known kind, those from before the new one included."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table beside whoever writes."""

    dependencies = [("products", "0019_sheets_of_usage")]

    operations = [ValidateConstraint(model_name="keptsheet", name="products_keptsheet_kind_is_known")]
