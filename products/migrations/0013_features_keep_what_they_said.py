"""What features said before each edit: a history that only grows, with data versions as in 0010."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
QUERY = "SELECT feature.product_id FROM {rows} AS changed JOIN products_feature AS feature ON feature.id = changed.feature_id"
TABLE = "products_featureedit"


def touches():
    """Statement triggers that touch the products of the changed rows, and 0."""
    parts = []
    for event, rows in EVENTS:
        products = " UNION ALL ".join(QUERY.format(rows=one) for one in rows)
        name = f"products_touch_{TABLE}_{event.lower()}"
        referencing = " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {rows[0]}) THEN
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON {TABLE} REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    parts.append(
        f"""CREATE TRIGGER products_touch_{TABLE}_truncate AFTER TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""
    )
    return "\n".join(parts)


ONLY_GROWS = f"""
CREATE TRIGGER {TABLE}_only_grows BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
"""
FORWARD = ONLY_GROWS + touches()
BACKWARD = "\n".join(
    [f"DROP FUNCTION products_touch_{TABLE}_{event.lower()} CASCADE;" for event, _ in EVENTS]
    + [f"DROP TRIGGER products_touch_{TABLE}_truncate ON {TABLE};", f"DROP TRIGGER {TABLE}_only_grows ON {TABLE};"]
)


class Migration(migrations.Migration):
    """A new table and its triggers."""

    dependencies = [("products", "0012_releases_newest_first")]

    operations = [
        migrations.CreateModel(
            name='FeatureEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField(help_text='The one that was replaced.')),
                ('title', models.CharField(max_length=200)),
                ('requirement', models.TextField(blank=True, max_length=20000)),
                ('intent', models.CharField(choices=[('earns', 'Earns'), ('delights', 'Delights'), ('closes_a_gap', 'Closes a gap'), ('enables', 'Enables'), ('other', 'Other')], max_length=12)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, help_text='Who edited it.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('feature', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='edits', to='products.feature')),
            ],
        ),
        migrations.AddConstraint(
            model_name='featureedit',
            constraint=models.UniqueConstraint(fields=('feature', 'revision'), name='products_featureedit_once_a_revision'),
        ),
        migrations.AddConstraint(
            model_name='featureedit',
            constraint=models.CheckConstraint(condition=models.Q(('intent__in', ['closes_a_gap', 'delights', 'earns', 'enables', 'other'])), name='products_featureedit_intent_is_known'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
