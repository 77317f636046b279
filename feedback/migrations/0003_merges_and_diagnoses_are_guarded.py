"""What no single row can say of itself: merges without chains, nothing built without a diagnosis, consent, histories."""

from django.db import migrations

# Whoever merges holds the entry it goes into until commit, so that two merges never make a chain between them.
MERGES = """
CREATE FUNCTION feedback_merge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    root record;
BEGIN
    SELECT merged_into_id, withdrawn_at INTO root FROM feedback_feedback WHERE id = NEW.merged_into_id FOR SHARE;
    IF root.merged_into_id IS NOT NULL OR root.withdrawn_at IS NOT NULL
        OR EXISTS (SELECT FROM feedback_feedback WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'Entry % cannot be merged into %: one of them is merged or withdrawn already.', NEW.id, NEW.merged_into_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_feedback_merged_into_a_root';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_merge_guard BEFORE INSERT OR UPDATE OF merged_into_id ON feedback_feedback
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION feedback_merge_guard();

CREATE FUNCTION feedback_withdrawal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM feedback_feedback WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'Others were merged into entry %; undo that first.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_feedback_withdrawn_without_others';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_withdrawal_guard BEFORE UPDATE OF withdrawn_at ON feedback_feedback
    FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION feedback_withdrawal_guard();
"""

# A move of the feature and the loss of its diagnosis wait for each other on the feature's row.
BUILDING = """
CREATE FUNCTION feedback_is_diagnosed(bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM feedback_diagnosisfeature AS link JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = link.diagnosis_id
        WHERE link.feature_id = $1 AND diagnosis.diagnosed_at IS NOT NULL
    )
$$;

CREATE FUNCTION feedback_refuse_building(bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Feature % is not built without a diagnosis, unless a lead waives it.', $1
        USING ERRCODE = 'check_violation', CONSTRAINT = 'products_feature_building_needs_a_diagnosis';
END $$;

CREATE FUNCTION feedback_building_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT feedback_is_diagnosed(NEW.id) THEN
        PERFORM feedback_refuse_building(NEW.id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_building_guard BEFORE INSERT OR UPDATE OF stage, waived_at ON products_feature
    FOR EACH ROW WHEN (NEW.stage IN ('building', 'released', 'measured') AND NEW.waived_at IS NULL)
    EXECUTE FUNCTION feedback_building_guard();

CREATE FUNCTION feedback_diagnosis_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    built bigint;
BEGIN
    FOR built IN
        SELECT feature.id FROM products_feature AS feature
        WHERE feature.id IN (SELECT feature_id FROM feedback_diagnosisfeature WHERE diagnosis_id = OLD.id)
        ORDER BY feature.id FOR UPDATE
    LOOP
        IF EXISTS (
            SELECT FROM products_feature WHERE id = built AND waived_at IS NULL AND stage IN ('building', 'released', 'measured')
        ) AND NOT feedback_is_diagnosed(built) THEN
            PERFORM feedback_refuse_building(built);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER feedback_diagnosis_kept AFTER UPDATE OF diagnosed_at ON feedback_diagnosis
    FOR EACH ROW WHEN (NEW.diagnosed_at IS NULL AND OLD.diagnosed_at IS NOT NULL) EXECUTE FUNCTION feedback_diagnosis_kept();

CREATE FUNCTION feedback_link_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    built record;
BEGIN
    SELECT stage, waived_at INTO built FROM products_feature WHERE id = OLD.feature_id FOR UPDATE;
    IF built.stage IN ('building', 'released', 'measured') AND built.waived_at IS NULL
        AND NOT feedback_is_diagnosed(OLD.feature_id) THEN
        PERFORM feedback_refuse_building(OLD.feature_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER feedback_link_kept AFTER DELETE OR UPDATE ON feedback_diagnosisfeature
    FOR EACH ROW EXECUTE FUNCTION feedback_link_kept();
"""

CONSENT = """
CREATE FUNCTION feedback_consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given text;
BEGIN
    SELECT consent INTO given FROM feedback_account WHERE id = NEW.account_id FOR SHARE;
    IF given = 'no' THEN
        RAISE EXCEPTION 'Account % does not want to be asked.', NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_outreach_respects_consent';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_consent_guard BEFORE INSERT OR UPDATE OF account_id ON feedback_outreach
    FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION feedback_consent_guard();
"""

HISTORIES = ("feedback_feedbackedit", "feedback_consentchange")
ADDED_TO_ONLY = "\n".join(
    f"""CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();"""
    for table in HISTORIES
)

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))
OF_DIAGNOSIS = (
    "SELECT diagnosis.product_id FROM {rows} AS changed JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = changed.diagnosis_id"
)
OF_ENTRY = "SELECT entry.product_id FROM {rows} AS changed JOIN feedback_feedback AS entry ON entry.id = changed."
OWN = "SELECT product_id FROM {rows}"
TOUCHED = {
    "feedback_diagnosis": OWN,
    "feedback_outreach": OWN,
    "feedback_diagnosisfeature": OF_DIAGNOSIS,
    "feedback_loopclosure": OF_DIAGNOSIS,
    "feedback_feedbackedit": OF_ENTRY + "feedback_id",
    "feedback_merge": OF_ENTRY + "root_id UNION ALL " + OF_ENTRY + "merged_id",
    "feedback_notduplicate": OF_ENTRY + "first_id UNION ALL " + OF_ENTRY + "second_id",
    "feedback_consentchange": None,
    "feedback_account_products": None,
}


def touches(table, query):
    """Data versions as in products 0008; ``query`` gives the products of changed rows, None stands for the catalogue."""
    parts = []
    for event, rows in EVENTS:
        scopes = "ARRAY[-1]::bigint[]"
        if query:
            products = " UNION ALL ".join(query.format(rows=one) for one in rows)
            scopes = f"ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint"
        name = f"products_touch_{table}_{event.lower()}"
        referencing = " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows)
        parts.append(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM {rows[0]}) THEN
                    PERFORM products_touch({scopes});
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


FORWARD = "\n".join(
    [MERGES, BUILDING, CONSENT, ADDED_TO_ONLY, *(touches(table, query) for table, query in TOUCHED.items())]
)
BACKWARD = "\n".join(
    [
        f"DROP FUNCTION products_touch_{table}_{event.lower()} CASCADE;" for table in TOUCHED for event, _ in EVENTS
    ]
    + [f"DROP TRIGGER products_touch_{table}_truncate ON {table};" for table in TOUCHED]
    + [f"DROP TRIGGER {table}_only_grows ON {table};" for table in HISTORIES]
    + [
        f"DROP FUNCTION feedback_{name} CASCADE;"
        for name in (
            "merge_guard",
            "withdrawal_guard",
            "building_guard",
            "diagnosis_kept",
            "link_kept",
            "refuse_building",
            "is_diagnosed",
            "consent_guard",
        )
    ]
)


class Migration(migrations.Migration):
    """Triggers of this floor, one of them on the features of the floor below."""

    dependencies = [("feedback", "0002_diagnoses"), ("products", "0010_features_have_a_history")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
