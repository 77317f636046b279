"""Every dated row has a first day and holds on it, whoever writes: forms, commands, Django's admin, SQL."""

from django.db import migrations, models

MESSAGE = "A period has a first day, and its end, where it has one, lies after that day."


def never_empty(model: str) -> migrations.AddConstraint:
    """The check for one dated table."""
    return migrations.AddConstraint(
        model_name=model,
        constraint=models.CheckConstraint(
            condition=models.Q(("period__isempty", False), ("period__lower_inf", False)),
            name=f"products_{model}_period_is_never_empty",
            violation_error_message=MESSAGE,
        ),
    )


class Migration(migrations.Migration):
    """Roles, ownerships, assignments and allies."""

    dependencies = [("products", "0006_audit")]

    operations = [never_empty(model) for model in ("membership", "productteam", "assignment", "ally")]
