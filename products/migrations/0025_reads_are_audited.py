"""The audit notes who read a person's page: a deed of its own."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows that are there are checked by the next migration."""

    dependencies = [("products", "0024_sign_off_letters_of_a_person")]

    operations = [
        migrations.RemoveConstraint(model_name="auditentry", name="products_auditentry_deed_is_known"),
        migrations.AlterField(
            model_name="auditentry",
            name="deed",
            field=models.CharField(
                choices=[
                    ("signed_in", "Signed in"),
                    ("sign_in_failed", "Sign-in failed"),
                    ("signed_out", "Signed out"),
                    ("refused", "Refused"),
                    ("added", "Added"),
                    ("changed", "Changed"),
                    ("removed", "Removed"),
                    ("exported", "Exported"),
                    ("read", "Read"),
                    ("purged", "Purged"),
                ],
                max_length=14,
            ),
        ),
        AddConstraintNotValid(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    deed__in=[
                        "added",
                        "changed",
                        "exported",
                        "purged",
                        "read",
                        "refused",
                        "removed",
                        "sign_in_failed",
                        "signed_in",
                        "signed_out",
                    ]
                ),
                name="products_auditentry_deed_is_known",
            ),
        ),
    ]
