"""The index without the counts has had its day."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the new one, so that either can be tried again by itself."""

    atomic = False

    dependencies = [("metrics", "0029_counts_beside_kpis")]

    operations = [RemoveIndexConcurrently("rollup", "metrics_cells_beside_kpis")]
