"""What people do outside the products, who confirms it, and what they and their leads write down."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
KINDS = ("vision", "culture", "roadmap", "hiring", "mentoring", "process", "community")


def person(related_name):
    """A reference to a colleague."""
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    """New tables; what guards them comes next."""

    dependencies = [
        ("metrics", "0024_effects_show_on_helpers_pages"),
        ("products", "0026_deeds_of_the_audit_are_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ID,
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="Half-open: the end day is the first day it no longer holds."
                    ),
                ),
                ("kind", models.CharField(choices=[(one, one.capitalize()) for one in KINDS], max_length=10)),
                ("what", models.CharField(max_length=400)),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("person", person("contributions")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", sorted(KINDS))), name="metrics_contribution_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what", ""), _negated=True), name="metrics_contribution_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__isempty", False), ("period__lower_inf", False)),
                        name="metrics_contribution_period_is_never_empty",
                        violation_error_message="A period has a first day, and its end, where it has one, lies after that day.",
                    ),
                ],
                "indexes": [models.Index(fields=["person", "-id"], name="metrics_contribution_of_person")],
            },
        ),
        migrations.CreateModel(
            name="ContributionAsk",
            fields=[
                ID,
                ("asked_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("confirmed", "Confirmed"), ("declined", "Could not confirm it")],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=400)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("asked", person("+")),
                (
                    "contribution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asks",
                        to="metrics.contribution",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contribution", "asked"), name="metrics_contributionask_one_per_colleague"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["", "confirmed", "declined"])),
                        name="metrics_contributionask_answer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("words", "")),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="metrics_contributionask_is_answered_at_an_instant",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answer", "")), fields=["asked"], name="metrics_contributionask_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TalkNote",
            fields=[
                ID,
                ("talk_on", models.DateField(blank=True, null=True)),
                ("going_well", models.TextField(blank=True, max_length=1000)),
                ("in_the_way", models.TextField(blank=True, max_length=1000)),
                ("to_try", models.TextField(blank=True, max_length=1000)),
                ("written_at", models.DateTimeField()),
                ("person", person("talk_notes")),
            ],
            options={"indexes": [models.Index(fields=["person", "-id"], name="metrics_talknote_of_person")]},
        ),
        migrations.CreateModel(
            name="LeadNote",
            fields=[
                ID,
                ("quarter", models.DateField()),
                ("version", models.PositiveSmallIntegerField()),
                ("text", models.TextField(max_length=4000)),
                ("written_at", models.DateTimeField()),
                ("person", person("lead_notes")),
                ("written_by", person("+")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "quarter", "version"), name="metrics_leadnote_one_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quarter__day", 1), ("quarter__month__in", [1, 4, 7, 10])),
                        name="metrics_leadnote_is_of_a_quarter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="metrics_leadnote_says_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewPack",
            fields=[
                ID,
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("body", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("made_by", person("+")),
                ("person", person("review_packs")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("since__lt", models.F("until"))), name="metrics_reviewpack_has_days"
                    ),
                ],
                "indexes": [models.Index(fields=["person", "-id"], name="metrics_reviewpack_of_person")],
            },
        ),
    ]
