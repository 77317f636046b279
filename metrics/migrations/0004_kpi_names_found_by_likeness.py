"""KPIs are found by what their names look like, as products and releases are."""

from django.contrib.postgres.indexes import GistIndex
from django.db import migrations

LIKENESS = "gist_trgm_ops(siglen=256)"


class Migration(migrations.Migration):
    """One index; the extension comes with the products floor."""

    dependencies = [("metrics", "0003_uploads"), ("products", "0005_names_found_by_likeness")]

    operations = [
        migrations.AddIndex("kpi", GistIndex(fields=["name"], opclasses=[LIKENESS], name="metrics_kpi_by_likeness")),
    ]
