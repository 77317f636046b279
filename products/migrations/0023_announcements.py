"""Announcements, and the copy of each person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables, each made at once with all that it promises."""

    dependencies = [
        ('products', '0022_sign_offs_are_guarded'),
    ]

    operations = [
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', 'Mail'), ('post', 'Post')], max_length=4)),
                ('subject', models.CharField(max_length=150)),
                ('body', models.CharField(max_length=4000)),
                ('hook', models.URLField(blank=True, help_text='Where a post goes; its host is on the list.', max_length=500)),
                ('written_at', models.DateTimeField()),
                ('form', models.CharField(help_text="The form's own key: sent twice it announces once.", max_length=32)),
                ('follows', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='products.announcement')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='products.release')),
                ('teams', models.ManyToManyField(blank=True, related_name='+', to='products.team')),
                ('written_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['mail', 'post'])), name='products_announcement_channel_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='products_announcement_says_something'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'mail'), ('hook', '')), models.Q(('channel', 'post'), models.Q(('hook', ''), _negated=True)), _connector='OR'), name='products_announcement_posts_go_somewhere'), models.UniqueConstraint(fields=('written_by', 'form'), name='products_announcement_once_a_form')],
            },
        ),
        migrations.CreateModel(
            name='AnnouncementCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queued_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='Not tried before; later after each failure.')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, help_text='Given up, or no longer of use.', null=True)),
                ('trouble', models.CharField(blank=True, help_text='The kind of the last failure, never its words.', max_length=100)),
                ('message_id', models.CharField(blank=True, max_length=200)),
                ('digest', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('reply', models.CharField(blank=True, max_length=2000)),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('announcement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='products.announcement')),
                ('person', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('dropped_at__isnull', True), ('sent_at__isnull', True)), fields=['due_at'], name='products_copy_to_send')],
                'constraints': [models.UniqueConstraint(fields=('announcement', 'person'), name='products_announcementcopy_one_each', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('dropped_at__isnull', True), _connector='OR'), name='products_announcementcopy_is_sent_or_dropped'), models.CheckConstraint(condition=models.Q(models.Q(('replied_at__isnull', True), ('reply', '')), models.Q(models.Q(('reply', ''), _negated=True), ('replied_at__isnull', False)), _connector='OR'), name='products_announcementcopy_reply_has_a_time'), models.CheckConstraint(condition=models.Q(('replied_at__isnull', True), models.Q(('opened_at__isnull', False), ('replied_at__gte', models.F('opened_at'))), _connector='OR'), name='products_announcementcopy_is_opened_before_answered')],
            },
        ),
    ]
