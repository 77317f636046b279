"""Kept tables may be usage, too."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows that are there are checked by the next migration."""

    dependencies = [("products", "0018_audit_topics_are_known")]

    operations = [
        migrations.RemoveConstraint(model_name="keptsheet", name="products_keptsheet_kind_is_known"),
        migrations.AlterField(
            model_name="keptsheet",
            name="kind",
            field=models.CharField(
                choices=[("teams", "Teams"), ("people", "Colleagues"), ("accounts", "Accounts"), ("usage", "Usage")],
                max_length=8,
            ),
        ),
        AddConstraintNotValid(
            model_name="keptsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["accounts", "people", "teams", "usage"]),
                name="products_keptsheet_kind_is_known",
            ),
        ),
    ]
