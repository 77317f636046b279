"""Who worked on a diagnosis and what was decided about it before, in tables that only grow."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DECISIONS = [("", "Not decided"), ("build", "Build"), ("watch", "Watch"), ("decline", "Decline")]
KNOWN = sorted(value for value, _ in DECISIONS)
OF_DIAGNOSIS = (
    "SELECT diagnosis.product_id FROM new_rows AS changed JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = changed.diagnosis_id"
)
DEEDS = [
    ("started", "Started it"),
    ("answered", "Changed the answers"),
    ("diagnosed", "Marked it diagnosed"),
    ("took_in", "Took in"),
    ("took_out", "Took out"),
]
TABLES = ("feedback_decisionchange", "feedback_diagnosisevent")


def guarded(table):
    """A table that only grows, and touches the product of its diagnosis as in 0003."""
    touch = f"products_touch_{table}"
    return f"""
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();

CREATE FUNCTION {touch}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows) THEN
        PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({OF_DIAGNOSIS}) AS every) || 0::bigint);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {touch}_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {touch}_insert();
CREATE TRIGGER {touch}_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();
"""


def bare(table):
    """Without what ``guarded`` made."""
    return f"""
DROP TRIGGER products_touch_{table}_truncate ON {table};
DROP FUNCTION products_touch_{table}_insert() CASCADE;
DROP TRIGGER {table}_only_grows ON {table};
"""


def person():
    """Who did it."""
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    """Tables of its own; nothing that is in use changes."""

    dependencies = [("feedback", "0006_open_entries")]

    operations = [
        migrations.CreateModel(
            name="DecisionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_decision", models.CharField(blank=True, choices=DECISIONS, default="", max_length=7)),
                ("to_decision", models.CharField(blank=True, choices=DECISIONS, default="", max_length=7)),
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("at", models.DateTimeField()),
                ("by", person()),
                (
                    "diagnosis",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_changes",
                        to="feedback.diagnosis",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["diagnosis", "at"], name="feedback_decision_history")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_decision__in", KNOWN)), name="feedback_decisionchange_from_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_decision__in", KNOWN)), name="feedback_decisionchange_to_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiagnosisEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deed", models.CharField(choices=DEEDS, max_length=10)),
                ("at", models.DateTimeField()),
                ("by", person()),
                (
                    "diagnosis",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="feedback.diagnosis",
                    ),
                ),
                (
                    "feedback",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="feedback.feedback",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["diagnosis", "at"], name="feedback_diagnosis_history")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("deed__in", sorted(value for value, _ in DEEDS))),
                        name="feedback_diagnosisevent_deed_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deed__in", ["answered", "diagnosed"]), ("feedback__isnull", False), _connector="XOR"
                        ),
                        name="feedback_diagnosisevent_names_the_entry",
                    ),
                ],
            },
        ),
        migrations.RunSQL("".join(map(guarded, TABLES)), "".join(map(bare, TABLES))),
    ]
