"""Thanks to the allies of a product."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HELD = {"db_index": False, "on_delete": django.db.models.deletion.PROTECT}


class Migration(migrations.Migration):
    """A new table, made at once with all that it promises; what guards it comes next."""

    dependencies = [
        ("feedback", "0011_release_telling"),
        ("products", "0026_deeds_of_the_audit_are_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AllyThank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                ("ally", models.ForeignKey(related_name="thanks", to=settings.AUTH_USER_MODEL, **HELD)),
                ("by", models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, **HELD)),
                ("product", models.ForeignKey(related_name="+", to="products.product", **HELD)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ally", models.F("by")), _negated=True),
                        name="feedback_allythank_is_not_to_oneself",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["product", "ally", "-id"], name="feedback_allythank_of_product"),
                    models.Index(fields=["ally", "-id"], name="feedback_allythank_of_ally"),
                ],
            },
        ),
    ]
