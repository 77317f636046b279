"""The list of releases is read in the order of an index, however many there are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    """Built while releases are read and written."""

    atomic = False
    dependencies = [("products", "0011_password_links")]

    operations = [
        AddIndexConcurrently(
            "release",
            models.Index(
                Coalesce("live_at", "released_at", "planned_for", "rolled_back_at").desc(nulls_last=True),
                F("id").desc(),
                name="products_release_newest_first",
            ),
        ),
    ]
