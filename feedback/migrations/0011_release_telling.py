"""Who was told of a release, and whether it solves what they spoke of."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables, each made at once with all that it promises."""

    dependencies = [
        ('feedback', '0010_who_noted_what_was_said'),
        ('products', '0023_announcements'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReleaseTelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('chat', 'Chat'), ('mail', 'Mail'), ('call', 'Call'), ('meeting', 'Meeting'), ('interview', 'Interview'), ('survey', 'Survey'), ('ticket', 'Ticket'), ('account_manager', 'Account manager'), ('in_app', 'In the product'), ('api', 'API'), ('import', 'Import')], max_length=16)),
                ('told_at', models.DateTimeField()),
                ('solved', models.CharField(blank=True, choices=[('', 'Not said yet'), ('solved', 'Solved'), ('partly', 'Partly'), ('not', 'Not solved')], max_length=6)),
                ('solved_at', models.DateTimeField(blank=True, null=True)),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('account', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='feedback.account')),
                ('colleague', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('noted_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='products.release')),
                ('told_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('via', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'colleague', 'account'), name='feedback_releasetelling_told_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('colleague__isnull', True), ('account__isnull', True), _connector='XOR'), name='feedback_releasetelling_is_to_a_colleague_or_an_account'), models.CheckConstraint(condition=models.Q(('account__isnull', True), ('via__isnull', False), _connector='OR'), name='feedback_releasetelling_an_account_hears_through_somebody'), models.CheckConstraint(condition=models.Q(('channel__in', ['account_manager', 'api', 'call', 'chat', 'import', 'in_app', 'interview', 'mail', 'meeting', 'survey', 'ticket'])), name='feedback_releasetelling_channel_is_known'), models.CheckConstraint(condition=models.Q(('solved__in', ['', 'not', 'partly', 'solved'])), name='feedback_releasetelling_solved_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('noted_by__isnull', True), ('solved', ''), ('solved_at__isnull', True)), models.Q(models.Q(('solved', ''), _negated=True), ('noted_by__isnull', False), ('solved_at__gte', models.F('told_at'))), _connector='OR'), name='feedback_releasetelling_answer_names_who_and_when')],
            },
        ),
    ]
