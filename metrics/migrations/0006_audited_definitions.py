"""What a KPI is called, means and aims at is audited like every other definition."""

from django.db import migrations

FORWARD = """
SELECT products_audit_table('metrics_kpi', 'definition', '', 'name');
SELECT products_audit_table('metrics_kpidefinition', 'definition', '', 'metrics_kpi:kpi_id');
"""

BACKWARD = "\n".join(
    f"DROP TRIGGER products_audit_{event} ON {table};"
    for table in ("metrics_kpi", "metrics_kpidefinition")
    for event in ("insert", "update", "delete")
)


class Migration(migrations.Migration):
    """Puts the audit's triggers on the two tables of definitions."""

    dependencies = [("metrics", "0005_data_versions"), ("products", "0006_audit")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
