"""Every letter is of a known kind and about something, those from before included."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table beside whoever writes."""

    dependencies = [("metrics", "0019_weekly_digests")]

    operations = [
        ValidateConstraint(model_name="letter", name="metrics_letter_kind_is_known"),
        ValidateConstraint(model_name="letter", name="metrics_letter_is_about_an_enablement_or_a_week"),
    ]
