"""Who may answer, what an enablement may become, what it is about: guarded here, whoever writes.

Nobody confirms work that he stood for: neither on the day it went live, nor when it was claimed, nor when he answers. Where
no release is named, nobody who ever stood for the product. A later change of roles changes nothing of it.
"""

from django.db import migrations

STANDS_UPSTREAM = """
CREATE FUNCTION metrics_stands_upstream(
    person bigint, product bigint, release bigint, made timestamptz, answered timestamptz
) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM products_assignment AS duty
        JOIN products_product AS upstream ON upstream.id = duty.product_id
        LEFT JOIN products_release AS helped ON helped.id = release
        CROSS JOIN LATERAL (
            SELECT (made AT TIME ZONE upstream.time_zone)::date AS made_on,
                (answered AT TIME ZONE upstream.time_zone)::date AS answered_on,
                (helped.live_at AT TIME ZONE upstream.time_zone)::date AS live_on
        ) AS days
        WHERE duty.user_id = person AND duty.product_id = product AND (
            duty.period @> made_on OR duty.period @> answered_on OR duty.period @> live_on
            OR (release IS NULL AND lower(duty.period) <= answered_on)
        )
    )
$$;
"""

GUARD = """
CREATE FUNCTION metrics_enablement_refuse(why text, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_enablement_' || why;
END $$;

CREATE FUNCTION metrics_enablement_guard_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.feature_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM products_feature WHERE id = NEW.feature_id AND product_id = NEW.downstream_product_id
    ) THEN
        PERFORM metrics_enablement_refuse('feature_is_of_its_product', 'The feature belongs to another product.');
    END IF;
    IF NEW.upstream_release_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM products_release WHERE id = NEW.upstream_release_id AND product_id = NEW.upstream_product_id
    ) THEN
        PERFORM metrics_enablement_refuse('release_is_of_its_product', 'The release belongs to another product.');
    END IF;
    IF NEW.upstream_release_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM products_release WHERE id = NEW.upstream_release_id AND state = 'live'
    ) THEN
        PERFORM metrics_enablement_refuse('release_is_live', 'Nobody has this release, so it helps nobody.');
    END IF;
    IF NEW.claimed_by_id IS NOT NULL AND NEW.state <> 'claimed' THEN
        PERFORM metrics_enablement_refuse('claim_is_born_claimed', 'A claim begins as one.');
    END IF;
    IF NEW.thanked_by_id IS NOT NULL
        AND (NEW.state <> 'confirmed' OR NEW.answered_by_id IS DISTINCT FROM NEW.thanked_by_id) THEN
        PERFORM metrics_enablement_refuse('thank_is_born_confirmed', 'A thank is confirmed by whoever thanks.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_enablement_guard_subject BEFORE INSERT ON metrics_enablement
    FOR EACH ROW EXECUTE FUNCTION metrics_enablement_guard_subject();

CREATE FUNCTION metrics_enablement_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.upstream_product_id, NEW.upstream_release_id, NEW.feature_id, NEW.work, NEW.downstream_product_id,
        NEW.downstream_team_id, NEW.claimed_by_id, NEW.thanked_by_id, NEW.made_at, NEW.statement, NEW.evidence)
        IS DISTINCT FROM
       (OLD.upstream_product_id, OLD.upstream_release_id, OLD.feature_id, OLD.work, OLD.downstream_product_id,
        OLD.downstream_team_id, OLD.claimed_by_id, OLD.thanked_by_id, OLD.made_at, OLD.statement, OLD.evidence) THEN
        PERFORM metrics_enablement_refuse('is_about_what_it_was', 'What was claimed stays; withdraw it and claim anew.');
    END IF;
    IF OLD.state = 'withdrawn' THEN
        PERFORM metrics_enablement_refuse('stays_withdrawn', 'It was withdrawn.');
    END IF;
    IF NEW.state IN ('confirmed', 'adjusted', 'disputed')
        AND (NEW.state, NEW.answered_by_id, NEW.answered_at, NEW.kind, NEW.days_low, NEW.days_high)
            IS DISTINCT FROM (OLD.state, OLD.answered_by_id, OLD.answered_at, OLD.kind, OLD.days_low, OLD.days_high)
        AND (OLD.state <> 'claimed' OR OLD.asked_id IS DISTINCT FROM NEW.answered_by_id
            OR NEW.answered_at >= OLD.expires_at) THEN
        PERFORM metrics_enablement_refuse('asked_person_answers', 'Only whoever was asked answers, and in time.');
    END IF;
    IF NEW.state = 'measured' AND OLD.state <> 'measured' AND (
        OLD.state NOT IN ('confirmed', 'adjusted') OR NEW.answered_by_id IS DISTINCT FROM OLD.answered_by_id
        OR (NEW.kind, NEW.days_low, NEW.days_high) IS DISTINCT FROM (OLD.kind, OLD.days_low, OLD.days_high)
    ) THEN
        PERFORM metrics_enablement_refuse('measured_was_confirmed', 'Records back what was confirmed, as it was confirmed.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_enablement_guard_change BEFORE UPDATE ON metrics_enablement
    FOR EACH ROW EXECUTE FUNCTION metrics_enablement_guard_change();

CREATE FUNCTION metrics_enablement_guard_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.answered_by_id, NEW.answered_at) IS NOT DISTINCT FROM (OLD.answered_by_id, OLD.answered_at) THEN
        RETURN NEW;
    END IF;
    IF NEW.answered_by_id IS NOT NULL AND metrics_stands_upstream(
        NEW.answered_by_id, NEW.upstream_product_id, NEW.upstream_release_id, NEW.made_at, NEW.answered_at
    ) THEN
        PERFORM metrics_enablement_refuse('nobody_confirms_own_work', 'Whoever stood for the work does not confirm it.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_enablement_guard_answer BEFORE INSERT OR UPDATE ON metrics_enablement
    FOR EACH ROW EXECUTE FUNCTION metrics_enablement_guard_answer();

CREATE TRIGGER metrics_enablementstep_only_grows BEFORE UPDATE OR DELETE ON metrics_enablementstep
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();

SELECT products_audit_table('metrics_enablement', 'enablement', 'answered_by_id', 'products_product:upstream_product_id',
    'revision', 'statement,evidence,work');
"""

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
# -1 besides: whoever is asked sees it on whatever page he starts from, and questions are rare.
TOUCHED = "SELECT upstream_product_id AS product_id FROM {rows} UNION ALL SELECT downstream_product_id FROM {rows}"


def touches(table, query):
    """Statement triggers that touch the products of the changed rows, 0 and -1."""
    parts = []
    for event, rows in EVENTS:
        products = " UNION ALL ".join(query.format(rows=one) for one in rows)
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


TABLE = "metrics_enablement"
FORWARD = "\n".join([STANDS_UPSTREAM, GUARD, touches(TABLE, TOUCHED)])
BACKWARD = "\n".join(
    [f"DROP FUNCTION products_touch_{TABLE}_{event.lower()} CASCADE;" for event, _ in EVENTS]
    + [
        f"DROP TRIGGER products_touch_{TABLE}_truncate ON {TABLE};",
        *(f"DROP TRIGGER products_audit_{event} ON {TABLE};" for event in ("insert", "update", "delete")),
        "DROP TRIGGER metrics_enablementstep_only_grows ON metrics_enablementstep;",
        *(f"DROP FUNCTION metrics_enablement_guard_{what} CASCADE;" for what in ("subject", "change", "answer")),
        "DROP FUNCTION metrics_enablement_refuse(text, text);",
        "DROP FUNCTION metrics_stands_upstream;",
    ]
)


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("metrics", "0015_enablements")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
