"""Every letter is of a known kind and about one thing, those from before included."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Reads the table beside whoever writes."""

    dependencies = [("metrics", "0027_letters_about_contributions")]

    operations = [
        ValidateConstraint(model_name="letter", name="metrics_letter_kind_is_known"),
        ValidateConstraint(model_name="letter", name="metrics_letter_is_about_one_thing"),
    ]
