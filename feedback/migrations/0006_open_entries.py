"""The index of the inbox."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while it is built."""

    atomic = False

    dependencies = [("feedback", "0005_entries_found_by_their_words")]

    operations = [
        AddIndexConcurrently(
            "feedback",
            models.Index(
                fields=["product", "-id"],
                condition=models.Q(merged_into__isnull=True, withdrawn_at__isnull=True, diagnosis__isnull=True),
                name="feedback_open_by_product",
            ),
        ),
    ]
