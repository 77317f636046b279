"""Tokens are rolled and bear names of their own; each call with a token leaves a line in the push log."""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import products.models.tokens
from django.db import migrations, models


# Before names had to differ, tokens could share one: all but the newest get their number, the nameless a name.
TELL_APART = """
UPDATE products_apitoken AS token SET name = left(coalesce(nullif(token.name, ''), 'unnamed'), 100) || ' ' || token.id
WHERE token.name = '' OR EXISTS (
    SELECT FROM products_apitoken AS newer
    WHERE newer.id > token.id AND lower(newer.name) = lower(token.name)
        AND (newer.product_id = token.product_id OR newer.team_id = token.team_id)
)
"""


class Migration(migrations.Migration):
    """The table of tokens is small: its constraints are checked at once."""

    dependencies = [
        ('products', '0003_time_zone_is_known'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('called_at', models.DateTimeField()),
                ('method', models.CharField(max_length=8)),
                ('route', models.CharField(help_text='The address with its names left open.', max_length=120)),
                ('status', models.SmallIntegerField()),
                ('stored', models.PositiveIntegerField()),
                ('replayed', models.PositiveIntegerField()),
                ('corrected', models.PositiveIntegerField()),
                ('refused', models.PositiveIntegerField()),
                ('duration_ms', models.PositiveIntegerField()),
                ('request_id', models.UUIDField()),
                ('problem', models.CharField(blank=True, help_text='What was wrong, without what was sent.', max_length=400)),
                ('fields', models.JSONField(help_text='The first bad fields: [[JSON pointer, words], …].')),
            ],
        ),
        migrations.AddField(
            model_name='apitoken',
            name='replaces',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='products.apitoken'),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='rolled_at',
            field=models.DateTimeField(blank=True, help_text='When a successor took its name.', null=True),
        ),
        migrations.RunSQL(TELL_APART, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='products_apitoken_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('product__isnull', False), ('rolled_at__isnull', True)), expressions=[('product', '='), (django.db.models.functions.text.Lower('name'), '='), (products.models.tokens.Life('created_at', django.db.models.functions.comparison.Greatest('created_at', django.db.models.functions.comparison.Least('revoked_at', 'expires_at'))), '&&')], name='products_apitoken_one_name_for_a_product'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('rolled_at__isnull', True), ('team__isnull', False)), expressions=[('team', '='), (django.db.models.functions.text.Lower('name'), '='), (products.models.tokens.Life('created_at', django.db.models.functions.comparison.Greatest('created_at', django.db.models.functions.comparison.Least('revoked_at', 'expires_at'))), '&&')], name='products_apitoken_one_name_for_a_team'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces__isnull', False)), fields=('replaces',), name='products_apitoken_is_rolled_once'),
        ),
        migrations.AddField(
            model_name='apicall',
            name='token',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='products.apitoken'),
        ),
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(fields=['token', '-id'], name='products_apicall_newest'),
        ),
        migrations.AddConstraint(
            model_name='apicall',
            constraint=models.CheckConstraint(condition=models.Q(('status__gte', 100), ('status__lt', 600)), name='products_apicall_status_is_http'),
        ),
    ]
