"""The counts stand in the index that pages read feedback and the cycle by: a big team's page adds up tens of thousands of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody waits while it is built."""

    atomic = False

    dependencies = [("metrics", "0028_letters_are_about_one_thing")]

    operations = [
        AddIndexConcurrently(
            "rollup",
            models.Index(
                fields=["product", "measure", "day"],
                include=["n"],
                condition=~models.Q(measure__startswith="kpi:"),
                name="metrics_counts_beside_kpis",
            ),
        ),
    ]
