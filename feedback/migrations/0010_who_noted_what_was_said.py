"""Who wrote what was said in a talk; unknown for talks noted before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column without a default: nothing is rewritten."""

    dependencies = [
        ("feedback", "0009_ages_from_the_index_alone"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="outreach",
            name="noted_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who wrote the outcome.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        )
    ]
