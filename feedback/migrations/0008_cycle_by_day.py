"""What the cells of the cycle are found by: the days of merged entries and of diagnoses."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while they are built."""

    atomic = False

    dependencies = [("feedback", "0007_decisions_have_a_history")]

    operations = [
        AddIndexConcurrently(
            "feedback",
            models.Index(
                fields=["received_at"],
                condition=models.Q(merged_into__isnull=False),
                name="feedback_merged_by_time",
            ),
        ),
        AddIndexConcurrently(
            "diagnosis", models.Index(fields=["product", "diagnosed_at"], name="feedback_diagnosis_by_day")
        ),
    ]
