"""A weekly letter to leads who wish it: letters that are about no enablement, and one for each person and week."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
KINDS = [("question", "A question"), ("reminder", "A reminder"), ("answer", "An answer"), ("digest", "A week’s queue")]


class Migration(migrations.Migration):
    """The letters that are there are checked by the next migration."""

    dependencies = [
        ("metrics", "0018_assessments_are_guarded"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="letter", name="metrics_letter_kind_is_known"),
        migrations.AlterField(
            model_name="letter", name="kind", field=models.CharField(choices=KINDS, max_length=8)
        ),
        migrations.AlterField(
            model_name="letter",
            name="enablement",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=PROTECT, related_name="letters", to="metrics.enablement"
            ),
        ),
        AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["answer", "digest", "question", "reminder"]),
                name="metrics_letter_kind_is_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(kind="digest") ^ models.Q(enablement__isnull=False),
                name="metrics_letter_is_about_an_enablement_or_a_week",
            ),
        ),
        migrations.CreateModel(
            name="DigestWish",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.DateField()),
                ("letter", models.OneToOneField(on_delete=PROTECT, related_name="digest", to="metrics.letter")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "week"), name="metrics_weeklydigest_once_a_week"),
                    models.CheckConstraint(
                        condition=models.Q(("week__iso_week_day", 1)), name="metrics_weeklydigest_week_is_a_monday"
                    ),
                ],
            },
        ),
    ]
