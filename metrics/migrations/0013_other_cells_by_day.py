"""Cells of feedback and the cycle are found by an index of their own, which readings do not make deeper."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while it is built."""

    atomic = False

    dependencies = [("metrics", "0012_marks_of_effects")]

    operations = [
        AddIndexConcurrently(
            "rollup",
            models.Index(
                fields=["product", "measure", "day"],
                condition=~models.Q(measure__startswith="kpi:"),
                name="metrics_cells_beside_kpis",
            ),
        ),
    ]
