"""What leads make of internal products, quarter by quarter."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

USER = {"db_index": False, "on_delete": django.db.models.deletion.PROTECT}
QUESTIONS = ("became_possible", "otherwise", "says_who")


class Migration(migrations.Migration):
    """A new table; what guards it comes next."""

    dependencies = [
        ("metrics", "0016_enablements_are_guarded"),
        ("products", "0020_kinds_of_sheets_are_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter", models.DateField()),
                ("version", models.PositiveSmallIntegerField()),
                *((name, models.TextField(max_length=4000)) for name in QUESTIONS),
                ("written_at", models.DateTimeField()),
                ("product", models.ForeignKey(related_name="assessments", to="products.product", **USER)),
                ("written_by", models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, **USER)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "quarter", "version"), name="metrics_assessment_one_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quarter__day", 1), ("quarter__month__in", [1, 4, 7, 10])),
                        name="metrics_assessment_is_of_a_quarter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("became_possible", ""), _negated=True),
                            models.Q(("otherwise", ""), _negated=True),
                            models.Q(("says_who", ""), _negated=True),
                        ),
                        name="metrics_assessment_answers_every_question",
                    ),
                ],
            },
        ),
    ]
