"""What a sign-off may become and whose it may be, whoever writes; its audit, and the pages it touches."""

from django.db import migrations

GUARD = """
CREATE FUNCTION products_signoff_refuse(why text, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation', CONSTRAINT = 'products_signoff_' || why;
END $$;

CREATE FUNCTION products_signoff_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decision <> '' THEN
            PERFORM products_signoff_refuse('is_born_open', 'A sign-off is asked for before it is decided.');
        END IF;
        IF NOT EXISTS (
            SELECT FROM products_release AS release JOIN products_product AS product ON product.id = release.product_id
            WHERE release.id = NEW.release_id AND product.type = 'E'
        ) THEN
            PERFORM products_signoff_refuse('is_for_customers', 'Releases for colleagues need no sign-off.');
        END IF;
    ELSE
        IF OLD.decision <> '' THEN
            PERFORM products_signoff_refuse('stays_decided', 'What was decided stays; ask again instead.');
        END IF;
        IF (NEW.release_id, NEW.function, NEW.requested_at) IS DISTINCT FROM (OLD.release_id, OLD.function, OLD.requested_at)
            OR NEW.decision NOT IN ('', 'waived') AND (NEW.approver_id, NEW.requested_by_id)
                IS DISTINCT FROM (OLD.approver_id, OLD.requested_by_id) THEN
            PERFORM products_signoff_refuse('is_about_what_it_was', 'A sign-off is decided as it was asked.');
        END IF;
    END IF;
    IF NEW.approver_id IS NOT NULL AND NEW.decision <> 'waived' AND EXISTS (
        SELECT FROM products_assignment AS duty
        JOIN products_release AS release ON release.product_id = duty.product_id
        JOIN products_product AS product ON product.id = release.product_id
        WHERE release.id = NEW.release_id AND duty.user_id = NEW.approver_id
            AND duty.period @> (coalesce(NEW.decided_at, NEW.requested_at) AT TIME ZONE product.time_zone)::date
    ) THEN
        PERFORM products_signoff_refuse('is_not_of_its_own_pm', 'A PM does not sign off a release of their own.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER products_signoff_guard BEFORE INSERT OR UPDATE ON products_signoff
    FOR EACH ROW EXECUTE FUNCTION products_signoff_guard();

SELECT products_audit_table('products_signoff', 'sign_off', 'approver_id', 'products_release:release_id', 'revision', 'words,evidence_url');
SELECT products_audit_table('products_signoffrule', 'sign_off', '', 'function');
"""

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
TABLES = ("products_signoff", "products_exposurestage")
TOUCHED = (
    "SELECT release.product_id FROM {rows} AS changed JOIN products_release AS release ON release.id = changed.release_id"
)


def touches(table):
    """Statement triggers that touch the products of the changed rows, 0 and -1: whoever is asked sees it anywhere."""
    parts = []
    for event, rows in EVENTS:
        products = " UNION ALL ".join(TOUCHED.format(rows=one) for one in rows)
        name = f"products_touch_{table}_{event.lower()}"
        referencing = " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {rows[0]}) THEN
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || ARRAY[0, -1]::bigint[]);
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """
        )
    parts.append(
        f"""CREATE TRIGGER products_touch_{table}_truncate AFTER TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""
    )
    return "\n".join(parts)


FORWARD = "\n".join([GUARD, *(touches(table) for table in TABLES)])
BACKWARD = "\n".join(
    [
        *(f"DROP FUNCTION products_touch_{table}_{event.lower()} CASCADE;" for table in TABLES for event, _ in EVENTS),
        *(f"DROP TRIGGER products_touch_{table}_truncate ON {table};" for table in TABLES),
        *(
            f"DROP TRIGGER products_audit_{event} ON {table};"
            for table in ("products_signoff", "products_signoffrule")
            for event in ("insert", "update", "delete")
        ),
        "DROP FUNCTION products_signoff_guard CASCADE;",
        "DROP FUNCTION products_signoff_refuse(text, text);",
    ]
)


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("products", "0021_sign_offs")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
