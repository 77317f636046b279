"""The drain takes all cells of a product's days together: one look into the index for a bucket, not one for each measure."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while it is built."""

    atomic = False

    dependencies = [("metrics", "0013_other_cells_by_day")]

    operations = [
        AddIndexConcurrently("rollup", models.Index(fields=["product", "day"], name="metrics_cells_by_day")),
    ]
