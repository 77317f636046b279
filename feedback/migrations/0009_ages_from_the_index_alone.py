"""What ages need comes from two indexes alone; the three that they and ``feedback_by_product_day`` replace go."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while they are built."""

    atomic = False

    dependencies = [("feedback", "0008_cycle_by_day"), ("products", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "feedback",
            models.Index(
                fields=["diagnosis"],
                include=["id", "received_at", "withdrawn_at"],
                condition=models.Q(diagnosis__isnull=False),
                name="feedback_behind_diagnosis",
            ),
        ),
        AddIndexConcurrently(
            "feedback",
            models.Index(
                fields=["merged_into", "received_at"],
                include=["withdrawn_at"],
                condition=models.Q(merged_into__isnull=False),
                name="feedback_merged_into",
            ),
        ),
        RemoveIndexConcurrently("feedback", "feedback_by_diagnosis"),
        migrations.AlterField(
            "feedback",
            "product",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="feedback",
                to="products.product",
            ),
        ),
        migrations.AlterField(
            "feedback",
            "merged_into",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="feedback.feedback",
            ),
        ),
    ]
