"""Enablements with their steps, the letters about them, and the links in those."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables; what guards them comes next."""

    dependencies = [
        ('metrics', "0014_cells_by_day"),
        ('products', '0018_audit_topics_are_known'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Enablement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('enabled', 'Enabled'), ('unblocked', 'Unblocked'), ('accelerated', 'Accelerated')], max_length=11)),
                ('days_low', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ('days_high', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ('work', models.CharField(blank=True, help_text='What was helped, where it is no feature.', max_length=200)),
                ('statement', models.CharField(blank=True, max_length=500)),
                ('evidence', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=1000), blank=True, default=list, size=None)),
                ('made_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('claimed', 'Claimed'), ('confirmed', 'Confirmed'), ('adjusted', 'Confirmed, with other figures'), ('disputed', 'Disputed'), ('measured', 'Measured'), ('expired', 'Not answered in time'), ('withdrawn', 'Withdrawn')], max_length=9)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('revision', models.PositiveIntegerField(default=1, help_text='Grows with each step; tells an edit conflict.')),
                ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enablements_asked', to=settings.AUTH_USER_MODEL)),
                ('claimed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('downstream_product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enablements_had', to='products.product')),
                ('downstream_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enablements_had', to='products.team')),
                ('feature', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enablements_had', to='products.feature')),
                ('thanked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upstream_product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enablements_given', to='products.product')),
                ('upstream_release', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enablements_given', to='products.release')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('asked__isnull', False)), fields=['asked', 'expires_at'], name='metrics_enablement_waiting'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['accelerated', 'enabled', 'unblocked'])), name='metrics_enablement_kind_is_known'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['adjusted', 'claimed', 'confirmed', 'disputed', 'expired', 'measured', 'withdrawn'])), name='metrics_enablement_state_is_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('days_high__isnull', True), ('days_low__isnull', True)), models.Q(('days_high__gte', models.F('days_low')), ('days_high__isnull', False), ('days_high__lte', 90), ('days_low__gte', 0), ('days_low__isnull', False)), _connector='OR'), name='metrics_enablement_days_are_a_span'),
                    models.CheckConstraint(condition=models.Q(models.Q(('feature__isnull', False), ('work', '')), models.Q(('feature__isnull', True), models.Q(('work', ''), _negated=True)), _connector='OR'), name='metrics_enablement_helps_a_feature_or_work_in_words'),
                    models.CheckConstraint(condition=models.Q(('downstream_product__isnull', False), models.Q(('downstream_team__isnull', False), ('feature__isnull', True)), _connector='OR'), name='metrics_enablement_work_is_somebodys'),
                    models.CheckConstraint(condition=models.Q(('downstream_product__isnull', True), models.Q(('downstream_product', models.F('upstream_product')), _negated=True), _connector='OR'), name='metrics_enablement_helps_others'),
                    models.CheckConstraint(condition=models.Q(('claimed_by__isnull', True), ('thanked_by__isnull', True), _connector='XOR'), name='metrics_enablement_is_claimed_or_thanked_for'),
                    models.CheckConstraint(condition=models.Q(models.Q(('asked__isnull', False), ('asked_at__isnull', False), ('expires_at__isnull', False)), models.Q(('asked__isnull', True), ('asked_at__isnull', True), ('expires_at__isnull', True)), _connector='OR'), name='metrics_enablement_question_has_an_end'),
                    models.CheckConstraint(condition=models.Q(('asked__isnull', True), models.Q(('state', 'claimed'), models.Q(('asked', models.F('claimed_by')), _negated=True)), _connector='OR'), name='metrics_enablement_asks_another_while_claimed'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('state__in', ['confirmed', 'adjusted', 'disputed', 'measured'])), models.Q(('answered_at__isnull', True), ('answered_by__isnull', True), models.Q(('state__in', ['confirmed', 'adjusted', 'disputed', 'measured']), _negated=True)), _connector='OR'), name='metrics_enablement_answer_names_who_and_when'),
                    models.CheckConstraint(condition=models.Q(('answered_by__isnull', True), ('claimed_by__isnull', True), models.Q(('answered_by', models.F('claimed_by')), _negated=True), _connector='OR'), name='metrics_enablement_claimant_never_answers'),
                    models.UniqueConstraint(condition=models.Q(('feature__isnull', False), models.Q(('state', 'withdrawn'), _negated=True)), fields=('upstream_product', 'upstream_release', 'feature'), name='metrics_enablement_said_once_of_a_feature', nulls_distinct=False),
                    models.UniqueConstraint(condition=models.Q(models.Q(('work', ''), _negated=True), models.Q(('state', 'withdrawn'), _negated=True)), fields=('upstream_product', 'upstream_release', 'work', 'downstream_product', 'downstream_team'), name='metrics_enablement_said_once_of_work', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='AnswerLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enablement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='metrics.enablement')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='metrics_answerlink_expires_later'),
                    models.CheckConstraint(condition=models.Q(('used_at__isnull', True), models.Q(('used_at__gte', models.F('made_at')), ('used_at__lt', models.F('expires_at'))), _connector='OR'), name='metrics_answerlink_is_used_in_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EnablementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('enabled', 'Enabled'), ('unblocked', 'Unblocked'), ('accelerated', 'Accelerated')], max_length=11)),
                ('days_low', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ('days_high', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ('deed', models.CharField(choices=[('claimed', 'Claimed it'), ('thanked', 'Thanked for it'), ('asked', 'Asked'), ('reminded', 'Reminded'), ('handed_on', 'Handed the question on to'), ('confirmed', 'Confirmed it'), ('adjusted', 'Confirmed it with other figures'), ('disputed', 'Disputed it'), ('did_not_know', 'Could not tell'), ('measured', 'Found it in the records'), ('expired', 'Was not answered in time'), ('reopened', 'Opened it again'), ('withdrawn', 'Withdrew it')], max_length=12)),
                ('at', models.DateTimeField()),
                ('from_state', models.CharField(blank=True, choices=[('claimed', 'Claimed'), ('confirmed', 'Confirmed'), ('adjusted', 'Confirmed, with other figures'), ('disputed', 'Disputed'), ('measured', 'Measured'), ('expired', 'Not answered in time'), ('withdrawn', 'Withdrawn')], help_text='Empty when it was made.', max_length=9)),
                ('to_state', models.CharField(choices=[('claimed', 'Claimed'), ('confirmed', 'Confirmed'), ('adjusted', 'Confirmed, with other figures'), ('disputed', 'Disputed'), ('measured', 'Measured'), ('expired', 'Not answered in time'), ('withdrawn', 'Withdrawn')], max_length=9)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enablement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='metrics.enablement')),
                ('to', models.ForeignKey(blank=True, db_index=False, help_text='Who is asked.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['enablement', 'id'], name='metrics_enablement_chain'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('deed__in', ['adjusted', 'asked', 'claimed', 'confirmed', 'did_not_know', 'disputed', 'expired', 'handed_on', 'measured', 'reminded', 'reopened', 'thanked', 'withdrawn'])), name='metrics_enablementstep_deed_is_known'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['accelerated', 'enabled', 'unblocked'])), name='metrics_enablementstep_kind_is_known'),
                    models.CheckConstraint(condition=models.Q(('from_state__in', ['', 'adjusted', 'claimed', 'confirmed', 'disputed', 'expired', 'measured', 'withdrawn'])), name='metrics_enablementstep_from_is_known'),
                    models.CheckConstraint(condition=models.Q(('to_state__in', ['adjusted', 'claimed', 'confirmed', 'disputed', 'expired', 'measured', 'withdrawn'])), name='metrics_enablementstep_to_is_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('days_high__isnull', True), ('days_low__isnull', True)), models.Q(('days_high__gte', models.F('days_low')), ('days_high__isnull', False), ('days_high__lte', 90), ('days_low__gte', 0), ('days_low__isnull', False)), _connector='OR'), name='metrics_enablementstep_days_are_a_span'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('question', 'A question'), ('reminder', 'A reminder'), ('answer', 'An answer')], max_length=8)),
                ('queued_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='Not tried before; later after each failure.')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, help_text='Given up, or no longer of use.', null=True)),
                ('trouble', models.CharField(blank=True, help_text='The kind of the last failure, never its words.', max_length=100)),
                ('message_id', models.CharField(blank=True, max_length=200)),
                ('enablement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='metrics.enablement')),
                ('to', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('dropped_at__isnull', True), ('sent_at__isnull', True)), fields=['due_at'], name='metrics_letter_to_send'),
                    models.Index(fields=['to', '-id'], name='metrics_letter_of_person'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['answer', 'question', 'reminder'])), name='metrics_letter_kind_is_known'),
                    models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('dropped_at__isnull', True), _connector='OR'), name='metrics_letter_is_sent_or_dropped'),
                ],
            },
        ),
    ]
