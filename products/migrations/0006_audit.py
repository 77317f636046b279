"""The audit: a table that only grows, and triggers that write to it whoever changes people, roles, tokens and products.

Who acts and in which request reaches the triggers through settings of the transaction (pmtrack/web/acting.py).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a changed row was called, what differs between two versions of it, and the entry for a statement's rows.
#
# products_audit_label(row, named): ``named`` lists columns, or table:column for the name of the row it refers to.
# products_audit_difference(was, becomes, hidden): {column: [old, new]}; of hidden columns only that they changed.
RECORD = """
CREATE FUNCTION products_audit_label(audited jsonb, named text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    part text;
    found text;
    label text;
BEGIN
    FOREACH part IN ARRAY string_to_array(named, ',') LOOP
        IF position(':' IN part) = 0 THEN
            found := audited ->> part;
        ELSE
            EXECUTE format('SELECT name FROM %I WHERE id = $1', split_part(part, ':', 1))
                INTO found USING (audited ->> split_part(part, ':', 2))::bigint;
        END IF;
        label := concat_ws(' / ', label, found);
    END LOOP;
    RETURN left(coalesce(label, ''), 300);
END $$;

CREATE FUNCTION products_audit_difference(was jsonb, becomes jsonb, hidden text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(
        key,
        CASE WHEN key = ANY (hidden) THEN '"changed"' ELSE jsonb_build_array(old.value, new.value) END
    ), '{}')
    FROM jsonb_each(jsonb_strip_nulls(was)) AS old
    FULL JOIN jsonb_each(jsonb_strip_nulls(becomes)) AS new USING (key)
    WHERE old.value IS DISTINCT FROM new.value
$$;

CREATE FUNCTION products_audit_write(
    topic text, deed text, subject text, audited jsonb, named text, concerns text, details jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO products_auditentry
        (at, topic, deed, subject, subject_id, label, details, actor_id, concerned_id, token_id, request_id, process)
    VALUES (
        clock_timestamp(), topic, deed, subject, (audited ->> 'id')::bigint,
        products_audit_label(audited, named), details,
        nullif(current_setting('pmtrack.actor', true), '')::bigint,
        (audited ->> nullif(concerns, ''))::bigint,
        nullif(current_setting('pmtrack.token', true), '')::bigint,
        left(coalesce(current_setting('pmtrack.request', true), ''), 64),
        left(current_setting('application_name'), 64)
    );
END $$;

CREATE FUNCTION products_audit_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    topic text := TG_ARGV[0];
    concerns text := TG_ARGV[1];
    named text := TG_ARGV[2];
    ignored text[] := string_to_array(TG_ARGV[3], ',');
    hidden text[] := string_to_array(TG_ARGV[4], ',');
    pair record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        FOR pair IN SELECT to_jsonb(later) - ignored AS becomes FROM new_rows AS later LOOP
            PERFORM products_audit_write(topic, 'added', TG_TABLE_NAME, pair.becomes, named, concerns,
                products_audit_difference('{}', pair.becomes - hidden, hidden));
        END LOOP;
    ELSIF TG_OP = 'DELETE' THEN
        FOR pair IN SELECT to_jsonb(earlier) - ignored AS was FROM old_rows AS earlier LOOP
            PERFORM products_audit_write(topic, 'removed', TG_TABLE_NAME, pair.was, named, concerns,
                products_audit_difference(pair.was - hidden, '{}', hidden));
        END LOOP;
    ELSE
        FOR pair IN
            SELECT to_jsonb(earlier) - ignored AS was, to_jsonb(later) - ignored AS becomes
            FROM old_rows AS earlier JOIN new_rows AS later USING (id)
            WHERE to_jsonb(earlier) - ignored <> to_jsonb(later) - ignored
        LOOP
            PERFORM products_audit_write(topic, 'changed', TG_TABLE_NAME, pair.becomes, named, concerns,
                products_audit_difference(pair.was, pair.becomes, hidden));
        END LOOP;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION products_audit_table(
    audited regclass, topic text, concerns text, named text, ignored text DEFAULT '', hidden text DEFAULT ''
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    event text;
    rows text;
BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        rows := concat_ws(' ', CASE WHEN event <> 'insert' THEN 'OLD TABLE AS old_rows' END,
            CASE WHEN event <> 'delete' THEN 'NEW TABLE AS new_rows' END);
        EXECUTE format(
            'CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION products_audit_rows(%L, %L, %L, %L, %L)',
            'products_audit_' || event, event, audited, rows, topic, concerns, named, ignored, hidden);
    END LOOP;
END $$;
"""

# (table, topic, the column of the person it concerns, its name, columns that do not count, columns nobody may read)
TABLES = [
    ("products_user", "person", "id", "", "last_login", "password"),
    ("products_membership", "role", "user_id", "products_team:team_id", "", ""),
    ("products_assignment", "role", "user_id", "products_product:product_id", "", ""),
    ("products_productteam", "role", "", "products_product:product_id,products_team:team_id", "", ""),
    ("products_ally", "role", "user_id", "products_product:product_id", "", ""),
    ("products_apitoken", "token", "created_by_id", "name", "last_used_at", "digest"),
    ("products_team", "definition", "", "name", "", ""),
    ("products_product", "definition", "", "name", "", ""),
]

# Whoever owns the table could still drop these; the application's own login does not own it (docs/operations.md).
KEEP = """
CREATE FUNCTION products_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit only grows: nothing in it is changed or deleted. Use manage.py purge_audit for what is past its time.'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER products_audit_keep BEFORE UPDATE OR DELETE ON products_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION products_audit_refuse();
CREATE TRIGGER products_audit_keep_whole BEFORE TRUNCATE ON products_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION products_audit_refuse();
"""


def forward() -> str:
    """The functions, the triggers of this floor, and the guard."""
    calls = [f"SELECT products_audit_table({', '.join(repr(part) for part in table)});" for table in TABLES]
    return "\n".join([RECORD, *calls, KEEP])


BACKWARD = """
DROP FUNCTION products_audit_refuse() CASCADE;
DROP FUNCTION products_audit_table(regclass, text, text, text, text, text);
DROP FUNCTION products_audit_rows() CASCADE;
DROP FUNCTION products_audit_write(text, text, text, jsonb, text, text, jsonb);
DROP FUNCTION products_audit_difference(jsonb, jsonb, text[]);
DROP FUNCTION products_audit_label(jsonb, text);
"""


class Migration(migrations.Migration):
    """Makes the table, and lets the database write to it."""

    dependencies = [
        ("products", "0005_names_found_by_likeness"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("sign_in", "Sign-ins"),
                            ("refusal", "Refusals"),
                            ("person", "People"),
                            ("role", "Roles"),
                            ("token", "API tokens"),
                            ("definition", "Definitions"),
                            ("export", "Exports"),
                            ("audit", "The audit itself"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "deed",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("sign_in_failed", "Sign-in failed"),
                            ("signed_out", "Signed out"),
                            ("refused", "Refused"),
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("removed", "Removed"),
                            ("exported", "Exported"),
                            ("purged", "Purged"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "subject",
                    models.CharField(blank=True, help_text="The table of the row that changed.", max_length=63),
                ),
                ("subject_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="What it was called at the time, or the address.", max_length=300
                    ),
                ),
                ("details", models.JSONField(default=dict)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("process", models.CharField(blank=True, help_text="The program that wrote it.", max_length=64)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "concerned",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="products.apitoken",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], name="products_audit_by_time"),
                    models.Index(fields=["topic", "-id"], name="products_audit_by_topic"),
                    models.Index(fields=["actor", "-id"], name="products_audit_by_actor"),
                    models.Index(fields=["concerned", "-id"], name="products_audit_by_concerned"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "topic__in",
                                ["audit", "definition", "export", "person", "refusal", "role", "sign_in", "token"],
                            )
                        ),
                        name="products_auditentry_topic_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "deed__in",
                                [
                                    "added",
                                    "changed",
                                    "exported",
                                    "purged",
                                    "refused",
                                    "removed",
                                    "sign_in_failed",
                                    "signed_in",
                                    "signed_out",
                                ],
                            )
                        ),
                        name="products_auditentry_deed_is_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(forward(), BACKWARD),
    ]
