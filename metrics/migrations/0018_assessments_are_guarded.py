"""Who may assess what is guarded here, whoever writes; versions follow each other and stay as they are.

A lead of the team that owns the product on the day he writes, and nobody who was its PM on that day or on any day of the
quarter: a later change of roles makes nobody the judge of his own work. The texts stay out of the audit, which others read.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION metrics_assessment_refuse(why text, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_assessment_' || why;
END $$;

CREATE FUNCTION metrics_assessment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written_on date := (NEW.written_at AT TIME ZONE 'UTC')::date;
    ends date := (NEW.quarter + interval '3 months')::date;
BEGIN
    IF NOT EXISTS (SELECT FROM products_product WHERE id = NEW.product_id AND type = 'I') THEN
        PERFORM metrics_assessment_refuse('is_of_an_internal_product', 'Only internal products are assessed.');
    END IF;
    IF NEW.quarter > written_on THEN
        PERFORM metrics_assessment_refuse('is_of_a_quarter_that_began', 'The quarter has not begun.');
    END IF;
    IF NOT EXISTS (
        SELECT FROM products_productteam AS ownership
        JOIN products_membership AS member ON member.team_id = ownership.team_id
        WHERE ownership.product_id = NEW.product_id AND ownership.period @> written_on
            AND member.user_id = NEW.written_by_id AND member.role = 'lead' AND member.period @> written_on
    ) THEN
        PERFORM metrics_assessment_refuse('is_by_a_lead', 'Only a lead of the owning team assesses a product.');
    END IF;
    IF EXISTS (
        SELECT FROM products_assignment AS duty
        WHERE duty.product_id = NEW.product_id AND duty.user_id = NEW.written_by_id
            AND (duty.period @> written_on OR duty.period && daterange(NEW.quarter, ends))
    ) THEN
        PERFORM metrics_assessment_refuse('is_not_of_own_work', 'Nobody assesses a product whose PM he was in the quarter, or is.');
    END IF;
    IF NEW.version <> 1 + (
        SELECT COALESCE(max(version), 0) FROM metrics_assessment
        WHERE product_id = NEW.product_id AND quarter = NEW.quarter
    ) THEN
        PERFORM metrics_assessment_refuse('versions_follow', 'Versions follow each other without a gap.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_assessment_guard BEFORE INSERT ON metrics_assessment
    FOR EACH ROW EXECUTE FUNCTION metrics_assessment_guard();
CREATE TRIGGER metrics_assessment_only_grows BEFORE UPDATE OR DELETE ON metrics_assessment
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
SELECT products_audit_table('metrics_assessment', 'assessment', 'written_by_id', 'products_product:product_id',
    '', 'became_possible,otherwise,says_who');
"""

BACKWARD = """
DROP TRIGGER products_audit_insert ON metrics_assessment;
DROP TRIGGER products_audit_update ON metrics_assessment;
DROP TRIGGER products_audit_delete ON metrics_assessment;
DROP TRIGGER metrics_assessment_only_grows ON metrics_assessment;
DROP FUNCTION metrics_assessment_guard() CASCADE;
DROP FUNCTION metrics_assessment_refuse(text, text);
"""


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [
        ("metrics", "0017_assessments"),
        ("products", "0020_kinds_of_sheets_are_known"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
