"""Names are found by what they look like: trigram indexes that give the nearest first."""

from django.contrib.postgres.indexes import GistIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Concat

LIKENESS = "gist_trgm_ops(siglen=256)"
WORDS = Concat("name", Value(" "), "version", output_field=models.TextField())


def by_name(table):
    """The index on the names of ``table``."""
    index = GistIndex(fields=["name"], opclasses=[LIKENESS], name=f"products_{table}_by_likeness")
    return migrations.AddIndex(table, index)


class Migration(migrations.Migration):
    """pg_trgm is a trusted extension: the database's owner may install it without being a superuser."""

    dependencies = [("products", "0004_push_log")]

    operations = [
        TrigramExtension(),
        by_name("product"),
        by_name("team"),
        by_name("user"),
        migrations.AddIndex(
            "release", GistIndex(OpClass(WORDS, name=LIKENESS), name="products_release_by_likeness")
        ),
    ]
