"""A letter may ask about a contribution."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows that are there are checked by the next migration."""

    dependencies = [("metrics", "0026_contributions_are_guarded")]

    operations = [
        migrations.RemoveConstraint(model_name="letter", name="metrics_letter_kind_is_known"),
        migrations.RemoveConstraint(
            model_name="letter", name="metrics_letter_is_about_an_enablement_or_a_week"
        ),
        migrations.AlterField(
            model_name="letter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("question", "A question"),
                    ("reminder", "A reminder"),
                    ("answer", "An answer"),
                    ("digest", "A week’s queue"),
                    ("confirm", "A question about a contribution"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="ask",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="metrics.contributionask",
            ),
        ),
        AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["answer", "confirm", "digest", "question", "reminder"])),
                name="metrics_letter_kind_is_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ask__isnull", True), ("enablement__isnull", True), ("kind", "digest")),
                    models.Q(("ask__isnull", False), ("enablement__isnull", True), ("kind", "confirm")),
                    models.Q(
                        models.Q(("kind__in", ["digest", "confirm"]), _negated=True),
                        ("ask__isnull", True),
                        ("enablement__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="metrics_letter_is_about_one_thing",
            ),
        ),
    ]
