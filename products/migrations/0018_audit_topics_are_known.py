"""Every entry of the audit has one of the topics, those from before the new one included."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table beside whoever writes."""

    dependencies = [("products", "0017_more_topics_of_the_audit")]

    operations = [ValidateConstraint(model_name="auditentry", name="products_auditentry_topic_is_known")]
