"""When the link that still holds was made with which a person chooses a password."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of people; the audit's triggers take it along."""

    dependencies = [("products", "0010_features_have_a_history")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="link_made_at",
            field=models.DateTimeField(
                blank=True, help_text="The newest link to choose a password with, until it is used.", null=True
            ),
        ),
    ]
