"""What no single row can say of itself: versions that never change, nothing dated before an exposure on record, what a control
may be; with the audit and the data versions (products 0008) of the new tables.
"""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

# An instant that lies before an exposure already on record would pretend that somebody knew what he could not know. What is
# locked for a release follows from instants alone, so nobody has to be waited for, and a late event moves nothing.
VERSIONS = """
CREATE FUNCTION metrics_released_with(feature bigint, release bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT release WHERE release IS NOT NULL
    UNION ALL
    SELECT carrier.id
    FROM products_feature AS carried JOIN products_release AS carrier ON carrier.product_id = carried.product_id
    WHERE carried.id = feature
        AND EXISTS (SELECT FROM unnest(carrier.feature_keys) AS key WHERE upper(key) = 'W-' || carried.id)
$$;

CREATE FUNCTION metrics_commitment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := NEW.declared_at;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        instant := NEW.superseded_at;
    ELSIF NEW.superseded_at IS NOT NULL THEN
        RAISE EXCEPTION 'A commitment stands when it is declared.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_commitment_stands_when_it_is_declared';
    END IF;
    IF EXISTS (
        SELECT FROM products_exposure
        WHERE release_id IN (SELECT metrics_released_with(NEW.feature_id, NEW.release_id)) AND exposed_at > instant
    ) THEN
        RAISE EXCEPTION 'Users had the release before %: a commitment is not dated back, and a locked one not ended.', instant
            USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_commitment_is_not_dated_back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_commitment_guard BEFORE INSERT OR UPDATE ON metrics_commitment
    FOR EACH ROW EXECUTE FUNCTION metrics_commitment_guard();

-- Rows that stand until they are superseded, once, and are otherwise never changed.
CREATE FUNCTION metrics_superseded_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends text[] := '{superseded_at,superseded_by_id}';
BEGIN
    IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
        OR to_jsonb(NEW) - ends IS DISTINCT FROM to_jsonb(OLD) - ends THEN
        RAISE EXCEPTION 'What stands in % is superseded, never changed or deleted.', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_commitment_superseded_only BEFORE UPDATE OR DELETE ON metrics_commitment
    FOR EACH ROW EXECUTE FUNCTION metrics_superseded_only();
CREATE TRIGGER metrics_experiment_superseded_only BEFORE UPDATE OR DELETE ON metrics_experiment
    FOR EACH ROW EXECUTE FUNCTION metrics_superseded_only();
"""

# A control stands for what would have happened anyway: another product's KPI, read as often, its days cut at the same hour.
CONTROLS = """
CREATE FUNCTION metrics_commitmentcontrol_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named record;
    control record;
    broken text;
BEGIN
    SELECT held.kpi_id, held.control_count, held.declared_at, kpi.cadence, product.id AS product_id, product.time_zone,
        coalesce(feature.product_id, release.product_id) AS released_by
    INTO named
    FROM metrics_commitment AS held
    JOIN metrics_kpi AS kpi ON kpi.id = held.kpi_id
    JOIN products_product AS product ON product.id = kpi.product_id
    LEFT JOIN products_feature AS feature ON feature.id = held.feature_id
    LEFT JOIN products_release AS release ON release.id = held.release_id
    WHERE held.id = NEW.commitment_id;
    SELECT kpi.cadence, product.id AS product_id, product.time_zone INTO control
    FROM metrics_kpi AS kpi JOIN products_product AS product ON product.id = kpi.product_id WHERE kpi.id = NEW.kpi_id;
    broken := CASE
        WHEN NEW.place NOT BETWEEN 1 AND named.control_count THEN 'is_counted'
        WHEN NEW.kpi_id = named.kpi_id THEN 'is_another_kpi'
        WHEN control.product_id IN (named.product_id, named.released_by) THEN 'is_of_another_product'
        WHEN control.cadence <> named.cadence THEN 'is_read_as_often'
        WHEN EXISTS (
            SELECT FROM (VALUES (named.declared_at), (named.declared_at + interval '182 days')) AS seen (at)
            WHERE at AT TIME ZONE control.time_zone <> at AT TIME ZONE named.time_zone
        ) THEN 'has_the_same_days'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is no control for KPI %: %.', NEW.kpi_id, named.kpi_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_commitmentcontrol_' || broken;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_commitmentcontrol_guard BEFORE INSERT ON metrics_commitmentcontrol
    FOR EACH ROW EXECUTE FUNCTION metrics_commitmentcontrol_guard();
CREATE TRIGGER metrics_commitmentcontrol_only_grows BEFORE UPDATE OR DELETE ON metrics_commitmentcontrol
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();

-- With the commitment come all its controls, so that none can be added when it is locked.
CREATE FUNCTION metrics_commitment_controls_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.control_count <> (SELECT count(*) FROM metrics_commitmentcontrol WHERE commitment_id = NEW.id) THEN
        RAISE EXCEPTION 'Commitment % says that it has % controls.', NEW.id, NEW.control_count
            USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_commitment_controls_are_counted';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER metrics_commitment_controls_counted AFTER INSERT ON metrics_commitment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION metrics_commitment_controls_counted();

CREATE TRIGGER metrics_releasedecision_only_grows BEFORE UPDATE OR DELETE ON metrics_releasedecision
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
"""

AUDIT = """
SELECT products_audit_table('metrics_commitment', 'definition', '', 'metrics_kpi:kpi_id');
SELECT products_audit_table('metrics_contextevent', 'definition', '', 'name');
SELECT products_audit_table('metrics_experiment', 'definition', '', 'metrics_kpi:kpi_id');
"""

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
OF_KPI = "SELECT kpi.product_id FROM {rows} AS changed JOIN metrics_kpi AS kpi ON kpi.id = changed.kpi_id"
OF_RELEASE = (
    "SELECT release.product_id FROM {rows} AS changed JOIN products_release AS release ON release.id = changed.release_id"
)
OF_FEATURE = (
    "SELECT feature.product_id FROM {rows} AS changed JOIN products_feature AS feature ON feature.id = changed.feature_id"
)
# What concerns the whole company changes every page, as names and roles do.
OF_EVENT = "SELECT coalesce(product_id, -1) FROM {rows}"
TOUCHED = {
    "metrics_commitment": f"{OF_FEATURE} UNION ALL {OF_RELEASE} UNION ALL {OF_KPI}",
    "metrics_contextevent": OF_EVENT,
    "metrics_experiment": f"{OF_RELEASE} UNION ALL {OF_KPI}",
    "metrics_releasedecision": OF_RELEASE,
}


def touches(table, query):
    """Data versions as in products 0008; ``query`` gives the products of changed rows."""
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
                    PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every (product_id)) || 0::bigint);
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


FORWARD = "\n".join([VERSIONS, CONTROLS, AUDIT, *(touches(table, query) for table, query in TOUCHED.items())])
FUNCTIONS = (
    "metrics_commitment_guard()",
    "metrics_superseded_only()",
    "metrics_commitmentcontrol_guard()",
    "metrics_commitment_controls_counted()",
    *[f"products_touch_{table}_{event.lower()}()" for table in TOUCHED for event, _ in EVENTS],
)
TRIGGERS = [
    ("metrics_commitmentcontrol_only_grows", "metrics_commitmentcontrol"),
    ("metrics_releasedecision_only_grows", "metrics_releasedecision"),
    *[
        (f"products_audit_{event.lower()}", table)
        for table in ("metrics_commitment", "metrics_contextevent", "metrics_experiment")
        for event, _ in EVENTS
    ],
    *[(f"products_touch_{table}_truncate", table) for table in TOUCHED],
]
BACKWARD = "\n".join(
    [f"DROP FUNCTION {function} CASCADE;" for function in FUNCTIONS]
    + ["DROP FUNCTION metrics_released_with(bigint, bigint);"]
    + [f"DROP TRIGGER {trigger} ON {table};" for trigger, table in TRIGGERS]
)


class Migration(migrations.Migration):
    """Triggers of tables that nobody uses yet, and a check of KPIs that was added unvalidated."""

    dependencies = [
        ("metrics", "0009_what_effects_are_read_against"),
        ("products", "0016_countries_are_codes"),
    ]

    operations = [
        ValidateConstraint("kpi", "metrics_kpi_cadence_is_known"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
