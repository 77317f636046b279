"""Sign-offs: their rules, what was asked and decided, the letters and links, and the stages of exposure."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables, each made at once with all that it promises."""

    dependencies = [
        ('products', '0020_kinds_of_sheets_are_known'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('function', models.CharField(choices=[('account_management', 'Account management'), ('marketing', 'Marketing'), ('legal', 'Legal'), ('revenue', 'Revenue'), ('communications', 'Communications'), ('support', 'Support'), ('security', 'Security'), ('privacy', 'Privacy'), ('data', 'Data')], max_length=20)),
                ('requested_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('decision', models.CharField(blank=True, choices=[('', 'Open'), ('approved', 'Approved'), ('conditions', 'Approved with conditions'), ('rejected', 'Rejected'), ('waived', 'Waived')], max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('words', models.CharField(blank=True, help_text='Conditions, or the reason.', max_length=1000)),
                ('evidence_url', models.URLField(blank=True, max_length=1000)),
                ('revision', models.PositiveIntegerField(default=1, help_text='Grows with each change; tells an edit conflict.')),
                ('approver', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='products.release')),
                ('requested_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('decision', '')), fields=['approver', 'due_on'], name='products_signoff_waiting'), models.Index(condition=models.Q(('decision__in', ['approved', 'conditions', 'rejected'])), fields=['function', 'decided_at'], name='products_signoff_usual')],
                'constraints': [models.CheckConstraint(condition=models.Q(('function__in', ['account_management', 'communications', 'data', 'legal', 'marketing', 'privacy', 'revenue', 'security', 'support'])), name='products_signoff_function_is_known'), models.CheckConstraint(condition=models.Q(('decision__in', ['', 'approved', 'conditions', 'rejected', 'waived'])), name='products_signoff_decision_is_known'), models.CheckConstraint(condition=models.Q(('approver__isnull', True), ('requested_by__isnull', True), models.Q(('approver', models.F('requested_by')), _negated=True), _connector='OR'), name='products_signoff_approver_is_not_the_requester'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__gte', models.F('requested_at')), ('decided_by__isnull', False)), _connector='OR'), name='products_signoff_decision_names_who_and_when'), models.CheckConstraint(condition=models.Q(('decision__in', ['', 'waived']), models.Q(('approver__isnull', False), ('decided_by', models.F('approver'))), _connector='OR'), name='products_signoff_only_its_approver_decides'), models.CheckConstraint(condition=models.Q(models.Q(('decision__in', ['conditions', 'rejected', 'waived']), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='products_signoff_says_why'), models.UniqueConstraint(condition=models.Q(('decision', '')), fields=('release', 'function'), name='products_signoff_one_is_open')],
            },
        ),
        migrations.CreateModel(
            name='SignOffLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queued_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='Not tried before; later after each failure.')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, help_text='Given up, or no longer of use.', null=True)),
                ('trouble', models.CharField(blank=True, help_text='The kind of the last failure, never its words.', max_length=100)),
                ('message_id', models.CharField(blank=True, max_length=200)),
                ('sign_off', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='products.signoff')),
                ('to', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('dropped_at__isnull', True), ('sent_at__isnull', True)), fields=['due_at'], name='products_signoffletter_to_send')],
                'constraints': [models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('dropped_at__isnull', True), _connector='OR'), name='products_signoffletter_is_sent_or_dropped')],
            },
        ),
        migrations.CreateModel(
            name='SignOffLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sign_off', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='products.signoff')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='products_signofflink_expires_later'), models.CheckConstraint(condition=models.Q(('used_at__isnull', True), models.Q(('used_at__gte', models.F('made_at')), ('used_at__lt', models.F('expires_at'))), _connector='OR'), name='products_signofflink_is_used_in_time')],
            },
        ),
        migrations.CreateModel(
            name='SignOffRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('function', models.CharField(choices=[('account_management', 'Account management'), ('marketing', 'Marketing'), ('legal', 'Legal'), ('revenue', 'Revenue'), ('communications', 'Communications'), ('support', 'Support'), ('security', 'Security'), ('privacy', 'Privacy'), ('data', 'Data')], max_length=20)),
                ('due_days', models.PositiveSmallIntegerField(blank=True, help_text='None: no sign-off is needed.', null=True)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_off_rules', to='products.product')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('function__in', ['account_management', 'communications', 'data', 'legal', 'marketing', 'privacy', 'revenue', 'security', 'support'])), name='products_signoffrule_function_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('due_days__isnull', True), ('product__isnull', False)), models.Q(('due_days__gte', 1), ('due_days__lte', 90)), _connector='OR'), name='products_signoffrule_has_days_or_a_product'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('made_at')), _connector='OR'), name='products_signoffrule_ends_after_it_is_made'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('product', 'function'), name='products_signoffrule_one_stands', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='ExposureStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('percent', models.PositiveSmallIntegerField()),
                ('noted_at', models.DateTimeField()),
                ('noted_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='products.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'day'), name='products_exposurestage_one_a_day'), models.CheckConstraint(condition=models.Q(('percent__gte', 0), ('percent__lte', 100)), name='products_exposurestage_is_a_share')],
            },
        ),
    ]
