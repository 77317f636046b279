"""One person's letters about sign-offs, for the page of letters."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built while letters are sent."""

    atomic = False
    dependencies = [("products", "0023_announcements")]
    operations = [
        AddIndexConcurrently(
            "signoffletter", models.Index(fields=["to", "-id"], name="products_signoffletter_to")
        ),
    ]
