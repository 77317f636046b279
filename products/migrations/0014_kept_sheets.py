"""Tables that administrators chose to import, kept for a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('products', '0013_features_keep_what_they_said'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('teams', 'Teams'), ('people', 'Colleagues'), ('accounts', 'Accounts')], max_length=8)),
                ('name', models.CharField(help_text="The file's name, for its owner's eyes.", max_length=200)),
                ('encoding', models.CharField(max_length=12)),
                ('text', models.TextField()),
                ('kept_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_sheets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='products_sheets_by_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['accounts', 'people', 'teams'])), name='products_keptsheet_kind_is_known'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('kept_at'))), name='products_keptsheet_expires_later')],
            },
        ),
    ]
