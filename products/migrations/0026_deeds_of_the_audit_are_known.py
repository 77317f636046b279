"""Every entry of the audit has one of the deeds, those from before the new one included."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table beside whoever writes."""

    dependencies = [("products", "0025_reads_are_audited")]

    operations = [ValidateConstraint(model_name="auditentry", name="products_auditentry_deed_is_known")]
