"""The audit has topics of their own for whose work helped, for leads' assessments and for sign-offs."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows that are there are checked by the next migration."""

    dependencies = [("products", "0016_countries_are_codes")]

    operations = [
        migrations.RemoveConstraint(model_name="auditentry", name="products_auditentry_topic_is_known"),
        migrations.AlterField(
            model_name="auditentry",
            name="topic",
            field=models.CharField(
                choices=[
                    ("sign_in", "Sign-ins"),
                    ("refusal", "Refusals"),
                    ("person", "People"),
                    ("role", "Roles"),
                    ("token", "API tokens"),
                    ("definition", "Definitions"),
                    ("export", "Exports"),
                    ("enablement", "Enablements"),
                    ("assessment", "Assessments"),
                    ("sign_off", "Sign-offs"),
                    ("audit", "The audit itself"),
                ],
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    topic__in=[
                        "assessment",
                        "audit",
                        "definition",
                        "enablement",
                        "export",
                        "person",
                        "refusal",
                        "role",
                        "sign_in",
                        "sign_off",
                        "token",
                    ]
                ),
                name="products_auditentry_topic_is_known",
            ),
        ),
    ]
