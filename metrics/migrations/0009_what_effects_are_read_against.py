"""What effects are read against: commitments with their controls, context events, experiments and decisions; how often a KPI is read."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import metrics.models.commitments
from decimal import Decimal
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables, and a column of KPIs that the release before leaves at its default; 0051 guards them."""

    dependencies = [
        ('metrics', '0008_marks_of_the_cycle'),
        ('products', '0015_countries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='1, 2, 3 … for each KPI of a feature or release.')),
                ('is_main', models.BooleanField(default=False)),
                ('is_guardrail', models.BooleanField(default=False)),
                ('direction', models.CharField(choices=[('rise', 'Rises'), ('fall', 'Falls'), ('stay', 'Does not get worse')], max_length=4)),
                ('expected_change', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('window_days', models.PositiveSmallIntegerField(default=14)),
                ('roll_out_days', models.PositiveSmallIntegerField(default=0)),
                ('control_count', models.PositiveSmallIntegerField(default=0, help_text='How many rows of controls belong to it.')),
                ('detectable', models.FloatField(blank=True, null=True)),
                ('detectable_natural', models.FloatField(blank=True, null=True)),
                ('undetectable', models.CharField(blank=True, max_length=300)),
                ('declared_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, help_text='By the next version, or because it was taken back.', null=True)),
                ('declared_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('feature', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='products.feature')),
                ('kpi', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='metrics.kpi')),
                ('release', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='products.release')),
                ('superseded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['kpi', 'declared_at'], name='metrics_commitments_by_kpi'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('feature__isnull', True), ('release__isnull', True), _connector='XOR'), name='metrics_commitment_is_of_a_feature_or_a_release'),
                    models.CheckConstraint(condition=models.Q(('direction__in', ['fall', 'rise', 'stay'])), name='metrics_commitment_direction_is_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('direction', 'stay'), ('expected_change__isnull', True), ('is_guardrail', True), ('is_main', False)), models.Q(('is_guardrail', False), models.Q(('direction', 'stay'), _negated=True)), _connector='OR'), name='metrics_commitment_guardrails_and_no_others_stay'),
                    models.CheckConstraint(condition=models.Q(('expected_change__isnull', True), ('expected_change__gt', 0), _connector='OR'), name='metrics_commitment_expects_some_change'),
                    models.CheckConstraint(condition=models.Q(('window_days__in', (7, 14, 28))), name='metrics_commitment_window_is_7_14_or_28_days'),
                    models.CheckConstraint(condition=models.Q(('roll_out_days__lte', 60)), name='metrics_commitment_roll_out_ends'),
                    models.CheckConstraint(condition=models.Q(('control_count__lte', 3)), name='metrics_commitment_three_controls_at_most'),
                    models.CheckConstraint(condition=models.Q(models.Q(('detectable__isnull', False), ('detectable_natural__isnull', False)), models.Q(('detectable__isnull', True), ('detectable_natural__isnull', True)), _connector='OR'), name='metrics_commitment_detectable_has_a_unit'),
                    models.CheckConstraint(condition=models.Q(('detectable__isnull', True), ('undetectable', ''), _connector='XOR'), name='metrics_commitment_says_what_it_could_detect_or_why_not'),
                    models.CheckConstraint(condition=models.Q(models.Q(('superseded_at__isnull', False), ('superseded_by__isnull', False)), models.Q(('superseded_at__isnull', True), ('superseded_by__isnull', True)), _connector='OR'), name='metrics_commitment_end_names_who_and_when'),
                    models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('declared_at')), _connector='OR'), name='metrics_commitment_ends_after_it_was_declared'),
                    models.UniqueConstraint(condition=models.Q(('feature__isnull', False)), fields=('feature', 'kpi', 'version'), name='metrics_commitment_one_per_version_of_a_feature'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('feature__isnull', False)), expressions=[('feature', '='), ('kpi', '='), (metrics.models.commitments.Standing(models.F('declared_at'), models.F('superseded_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='metrics_commitment_one_version_stands_for_a_feature'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('feature__isnull', False), ('is_main', True)), expressions=[('feature', '='), (metrics.models.commitments.Standing(models.F('declared_at'), models.F('superseded_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='metrics_commitment_one_main_kpi_of_a_feature'),
                    models.UniqueConstraint(condition=models.Q(('release__isnull', False)), fields=('release', 'kpi', 'version'), name='metrics_commitment_one_per_version_of_a_release'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('release__isnull', False)), expressions=[('release', '='), ('kpi', '='), (metrics.models.commitments.Standing(models.F('declared_at'), models.F('superseded_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='metrics_commitment_one_version_stands_for_a_release'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_main', True), ('release__isnull', False)), expressions=[('release', '='), (metrics.models.commitments.Standing(models.F('declared_at'), models.F('superseded_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='metrics_commitment_one_main_kpi_of_a_release'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CommitmentControl',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(help_text="1 to the commitment's control_count.")),
                ('commitment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='controls', to='metrics.commitment')),
                ('kpi', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='controlled', to='metrics.kpi')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('commitment', 'place'), name='metrics_commitmentcontrol_one_in_a_place'),
                    models.UniqueConstraint(fields=('commitment', 'kpi'), name='metrics_commitmentcontrol_each_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ContextEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('campaign', 'Campaign'), ('outage', 'Outage'), ('offer', 'Offer'), ('holiday', 'Holiday'), ('other', 'Other')], max_length=8)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField(blank=True, null=True)),
                ('noted_at', models.DateTimeField()),
                ('noted_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='context_events', to='products.product')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['product', 'first_day'], name='metrics_events_by_day'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['campaign', 'holiday', 'offer', 'other', 'outage'])), name='metrics_contextevent_kind_is_known'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='metrics_contextevent_has_a_name'),
                    models.CheckConstraint(condition=models.Q(('last_day__isnull', True), ('last_day__gte', models.F('first_day')), _connector='OR'), name='metrics_contextevent_ends_no_earlier_than_it_begins'),
                    models.UniqueConstraint(fields=('product', 'name', 'first_day'), name='metrics_contextevent_noted_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effect', models.DecimalField(decimal_places=6, max_digits=24)),
                ('low', models.DecimalField(decimal_places=6, max_digits=24)),
                ('high', models.DecimalField(decimal_places=6, max_digits=24)),
                ('level', models.DecimalField(decimal_places=3, default=Decimal('0.95'), max_digits=4)),
                ('scale', models.CharField(choices=[('relative', 'Part of what was expected'), ('points', 'Points')], max_length=8)),
                ('with_it', models.PositiveBigIntegerField(help_text='Units that had the release.')),
                ('without_it', models.PositiveBigIntegerField(help_text='Units that did not.')),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('entered_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, help_text='By a correction, or because it was taken back.', null=True)),
                ('entered_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kpi', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='metrics.kpi')),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='products.release')),
                ('superseded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('scale__in', ['points', 'relative'])), name='metrics_experiment_scale_is_known'),
                    models.CheckConstraint(condition=models.Q(('high__gte', models.F('effect')), ('low__lte', models.F('effect'))), name='metrics_experiment_effect_lies_in_its_interval'),
                    models.CheckConstraint(condition=models.Q(('level__gte', 0.5), ('level__lt', 1)), name='metrics_experiment_level_is_a_share'),
                    models.CheckConstraint(condition=models.Q(('with_it__gt', 0), ('without_it__gt', 0)), name='metrics_experiment_has_two_groups'),
                    models.CheckConstraint(condition=models.Q(models.Q(('scale', 'relative'), _negated=True), ('low__gte', -1), _connector='OR'), name='metrics_experiment_loses_no_more_than_all'),
                    models.CheckConstraint(condition=models.Q(models.Q(('superseded_at__isnull', False), ('superseded_by__isnull', False)), models.Q(('superseded_at__isnull', True), ('superseded_by__isnull', True)), _connector='OR'), name='metrics_experiment_end_names_who_and_when'),
                    models.CheckConstraint(condition=models.Q(('superseded_at__isnull', True), ('superseded_at__gte', models.F('entered_at')), _connector='OR'), name='metrics_experiment_ends_after_it_was_entered'),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('release', '='), ('kpi', '='), (metrics.models.commitments.Standing(models.F('entered_at'), models.F('superseded_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='metrics_experiment_one_stands_for_a_kpi_of_a_release'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReleaseDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decided', models.CharField(choices=[('keep', 'Keep it'), ('change', 'Change it'), ('roll_back', 'Roll it back')], max_length=9)),
                ('reason', models.CharField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='products.release')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['release', 'at'], name='metrics_decisions_of_release'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('decided__in', ['change', 'keep', 'roll_back'])), name='metrics_releasedecision_is_known'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='metrics_releasedecision_names_its_reason'),
                ],
            },
        ),
        migrations.AddField(
            model_name='kpi',
            name='cadence',
            field=models.CharField(choices=[('day', 'Every day'), ('week', 'Every week, on its Monday')], db_default='day', default='day', max_length=4),
        ),
        AddConstraintNotValid(
            model_name='kpi',
            constraint=models.CheckConstraint(condition=models.Q(('cadence__in', ['day', 'week'])), name='metrics_kpi_cadence_is_known'),
        ),
    ]
