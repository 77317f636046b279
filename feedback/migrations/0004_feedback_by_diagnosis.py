"""The index of what is behind a diagnosis, and the check of withdrawals for the rows that were there."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """Neither makes a writer wait."""

    atomic = False

    dependencies = [("feedback", "0003_merges_and_diagnoses_are_guarded")]

    operations = [
        AddIndexConcurrently(
            "feedback",
            models.Index(
                condition=models.Q(("diagnosis__isnull", False)), fields=["diagnosis"], name="feedback_by_diagnosis"
            ),
        ),
        ValidateConstraint("feedback", "feedback_feedback_withdrawal_names_who_and_when"),
    ]
