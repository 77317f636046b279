"""Nobody confirms his own contribution, what was told and answered stays, and only a lead of the person writes about him.

A lead of a person leads a team in which the person is PM or member on the day. The texts stay out of the audit, which others read.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION metrics_person_refuse(why text, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation', CONSTRAINT = 'metrics_' || why;
END $$;

CREATE FUNCTION metrics_leads_person(lead bigint, person bigint, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT lead <> person AND EXISTS (
        SELECT FROM products_membership AS held
        JOIN products_membership AS member ON member.team_id = held.team_id
        WHERE held.user_id = lead AND held.role = 'lead' AND held.period @> day
            AND member.user_id = person AND member.role <> 'lead' AND member.period @> day
    )
$$;

CREATE FUNCTION metrics_contribution_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR to_jsonb(NEW) - 'withdrawn_at' <> to_jsonb(OLD) - 'withdrawn_at' THEN
        PERFORM metrics_person_refuse('contribution_stays_as_told', 'A contribution stays as it was told; it can be withdrawn once.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_contribution_guard BEFORE UPDATE OR DELETE ON metrics_contribution
    FOR EACH ROW EXECUTE FUNCTION metrics_contribution_guard();

CREATE FUNCTION metrics_contributionask_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM metrics_person_refuse('contributionask_stays', 'Who was asked stays.');
    END IF;
    PERFORM FROM metrics_contribution WHERE id = NEW.contribution_id AND withdrawn_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        PERFORM metrics_person_refuse('contributionask_is_open', 'The contribution was withdrawn.');
    END IF;
    IF EXISTS (SELECT FROM metrics_contribution WHERE id = NEW.contribution_id AND person_id = NEW.asked_id) THEN
        PERFORM metrics_person_refuse('contributionask_is_not_of_oneself', 'Nobody confirms his own contribution.');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.answer <> '' THEN
        PERFORM metrics_person_refuse('contributionask_is_asked_first', 'A question is answered after it is asked.');
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.answer <> '' OR NEW.answer = '' OR NEW.answered_at < OLD.asked_at
        OR (NEW.contribution_id, NEW.asked_id, NEW.asked_at) IS DISTINCT FROM (OLD.contribution_id, OLD.asked_id, OLD.asked_at)) THEN
        PERFORM metrics_person_refuse('contributionask_is_answered_once', 'A question is answered once, by whoever was asked.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_contributionask_guard BEFORE INSERT OR UPDATE OR DELETE ON metrics_contributionask
    FOR EACH ROW EXECUTE FUNCTION metrics_contributionask_guard();

CREATE FUNCTION metrics_leadnote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written_on date := (NEW.written_at AT TIME ZONE 'UTC')::date;
BEGIN
    IF NEW.quarter > written_on THEN
        PERFORM metrics_person_refuse('leadnote_is_of_a_quarter_that_began', 'The quarter has not begun.');
    END IF;
    IF NOT metrics_leads_person(NEW.written_by_id, NEW.person_id, written_on) THEN
        PERFORM metrics_person_refuse('leadnote_is_by_a_lead', 'Only a lead of the person writes about him.');
    END IF;
    IF NEW.version <> 1 + (
        SELECT COALESCE(max(version), 0) FROM metrics_leadnote WHERE person_id = NEW.person_id AND quarter = NEW.quarter
    ) THEN
        PERFORM metrics_person_refuse('leadnote_versions_follow', 'Versions follow each other without a gap.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_leadnote_guard BEFORE INSERT ON metrics_leadnote
    FOR EACH ROW EXECUTE FUNCTION metrics_leadnote_guard();

CREATE FUNCTION metrics_reviewpack_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.made_by_id <> NEW.person_id
        AND NOT metrics_leads_person(NEW.made_by_id, NEW.person_id, (NEW.made_at AT TIME ZONE 'UTC')::date) THEN
        PERFORM metrics_person_refuse('reviewpack_is_of_ones_own', 'Only the person and a lead of his make a pack.');
    END IF;
    IF NEW.digest <> encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex') THEN
        PERFORM metrics_person_refuse('reviewpack_is_what_was_frozen', 'The digest is not that of the body.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER metrics_reviewpack_guard BEFORE INSERT ON metrics_reviewpack
    FOR EACH ROW EXECUTE FUNCTION metrics_reviewpack_guard();
CREATE TRIGGER metrics_talknote_only_grows BEFORE UPDATE OR DELETE ON metrics_talknote
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
CREATE TRIGGER metrics_leadnote_only_grows BEFORE UPDATE OR DELETE ON metrics_leadnote
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
CREATE TRIGGER metrics_reviewpack_only_grows BEFORE UPDATE OR DELETE ON metrics_reviewpack
    FOR EACH ROW EXECUTE FUNCTION products_only_grows();
-- Whoever leads the person sees on the team's page that something is in the way.
CREATE TRIGGER metrics_talknote_touch AFTER INSERT ON metrics_talknote
    FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();
SELECT products_audit_table('metrics_leadnote', 'person', 'person_id', '', '', 'text');
SELECT products_audit_table('metrics_reviewpack', 'person', 'person_id', '', '', 'body');
"""

TABLES = ("contribution", "contributionask", "leadnote", "reviewpack", "talknote")
AUDITED = ("leadnote", "reviewpack")
BACKWARD = "\n".join(
    [
        *(
            f"DROP TRIGGER products_audit_{event} ON metrics_{table};"
            for table in AUDITED
            for event in ("insert", "update", "delete")
        ),
        *(f"DROP TRIGGER metrics_{table}_only_grows ON metrics_{table};" for table in ("talknote", *AUDITED)),
        *(f"DROP FUNCTION metrics_{table}_guard() CASCADE;" for table in TABLES[:-1]),
        "DROP TRIGGER metrics_talknote_touch ON metrics_talknote;",
        "DROP FUNCTION metrics_leads_person(bigint, bigint, date);",
        "DROP FUNCTION metrics_person_refuse(text, text);",
    ]
)


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("metrics", "0025_contributions")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
