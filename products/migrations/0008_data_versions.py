"""Data versions: what changed for whom, kept by the database, so that "nothing has changed" costs one statement.

A scope is a product (its id), every product's facts (0), or the catalogue of people, teams, roles and definitions (-1).
A transaction that changes a scope puts a row of its own there and takes away those that it sees; it skips what another
one holds, so no writer ever waits for another. The row of the last one to commit is always there and was not there
before: the set of a scope's rows is its version (as a 64-bit hash), and no version ever comes back.
"""

from django.db import migrations

TABLE = """
CREATE TABLE products_touch (
    scope bigint NOT NULL,
    transaction xid8 NOT NULL,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, transaction)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE FUNCTION products_touch(scopes bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO products_touch (scope, transaction)
    SELECT DISTINCT touched, pg_current_xact_id() FROM unnest(scopes) AS touched WHERE touched IS NOT NULL
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        DELETE FROM products_touch AS gone USING (
            SELECT scope, transaction FROM products_touch
            WHERE scope = ANY (scopes) AND transaction <> pg_current_xact_id() FOR UPDATE SKIP LOCKED
        ) AS seen
        WHERE gone.scope = seen.scope AND gone.transaction = seen.transaction;
    END IF;
END $$;

-- The version of a page: of the scopes it hangs on, and of the products it names. A function, so that its plans are kept.
CREATE FUNCTION products_version(
    scopes bigint[], slugs text[], releases bigint[], teams text[], own boolean, reader bigint, today date
) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    version text;
BEGIN
    IF slugs <> '{}' THEN
        scopes := scopes || ARRAY(SELECT id FROM products_product WHERE slug = ANY (slugs));
    END IF;
    IF releases <> '{}' THEN
        scopes := scopes || ARRAY(SELECT product_id FROM products_release WHERE id = ANY (releases));
    END IF;
    IF teams <> '{}' THEN
        scopes := scopes || ARRAY(
            SELECT held.product_id FROM products_team AS team JOIN products_productteam AS held ON held.team_id = team.id
            WHERE team.slug = ANY (teams) AND held.period @> today
        );
    END IF;
    IF own THEN
        IF EXISTS (SELECT FROM products_membership WHERE user_id = reader AND period @> today) THEN
            scopes := scopes || ARRAY(
                SELECT held.product_id FROM products_membership AS member JOIN products_productteam AS held USING (team_id)
                WHERE member.user_id = reader AND member.period @> today AND held.period @> today
            );
        ELSE
            scopes := scopes || 0::bigint;
        END IF;
    END IF;
    SELECT count(*) || '-' || coalesce(bit_xor(hash_record_extended(touch, 0)), 0) INTO version
    FROM products_touch AS touch WHERE touch.scope = ANY (scopes);
    RETURN version;
END $$;

CREATE FUNCTION products_touch_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM products_touch(ARRAY[-1]);
    RETURN NULL;
END $$;
"""

EVENTS = (("INSERT", ["new_rows"]), ("UPDATE", ["old_rows", "new_rows"]), ("DELETE", ["old_rows"]))

# Tables of the catalogue with the columns that nobody sees: a sign-in changes nothing on any page.
CATALOGUE = {
    "products_user": ["last_login"],
    "products_team": [],
    "products_membership": [],
    "products_product": [],
    "products_productteam": [],
    "products_assignment": [],
    "products_ally": [],
}
FACTS = {
    "products_release": "SELECT product_id FROM {rows}",
    "products_releaseevent": (
        "SELECT release.product_id FROM {rows} AS changed JOIN products_release AS release ON release.id = changed.release_id"
    ),
    "products_exposure": (
        "SELECT release.product_id FROM {rows} AS changed JOIN products_release AS release ON release.id = changed.release_id"
    ),
}


def trigger(table, event, rows, body):
    """A statement trigger with the transition tables ``rows``; a TRUNCATE changes every page, as the catalogue does."""
    name = f"products_touch_{table}_{event.lower()}"
    referencing = "REFERENCING " + " ".join(f"{one[:3].upper()} TABLE AS {one}" for one in rows) if rows else ""
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {body}
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER {event} ON {table} {referencing} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
    """


def facts(table, query):
    """Triggers that touch the products of the changed rows, and 0."""
    parts = []
    for event, rows in EVENTS:
        products = " UNION ALL ".join(query.format(rows=one) for one in rows)
        body = f"""
            IF EXISTS (SELECT FROM {rows[0]}) THEN
                PERFORM products_touch(ARRAY(SELECT DISTINCT product_id FROM ({products}) AS every) || 0::bigint);
            END IF;
        """
        parts.append(trigger(table, event, rows, body))
    return "\n".join([*parts, truncation(table)])


def catalogue(table, unseen):
    """Triggers that touch -1 where a row was added, ended or changed in what anybody sees."""
    parts = []
    for event, rows in EVENTS:
        changed = f"SELECT FROM {rows[0]}"
        if event == "UPDATE" and unseen:
            old, new = (f"to_jsonb({one}) - ARRAY{unseen!r}" for one in rows)
            changed = f"SELECT {old} FROM old_rows EXCEPT SELECT {new} FROM new_rows"
        parts.append(
            trigger(table, event, rows, f"IF EXISTS ({changed}) THEN PERFORM products_touch(ARRAY[-1]); END IF;")
        )
    return "\n".join([*parts, truncation(table)])


def truncation(table):
    """The trigger of a TRUNCATE."""
    return f"""CREATE TRIGGER products_touch_{table}_truncate AFTER TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION products_touch_catalogue();"""


FORWARD = "\n".join(
    [TABLE]
    + [catalogue(table, unseen) for table, unseen in CATALOGUE.items()]
    + [facts(table, query) for table, query in FACTS.items()]
)
BACKWARD = "\n".join(
    [
        f"DROP FUNCTION products_touch_{table}_{event.lower()} CASCADE;"
        for table in (*CATALOGUE, *FACTS)
        for event, _ in EVENTS
    ]
    + [
        "DROP FUNCTION products_touch_catalogue CASCADE;",
        "DROP FUNCTION products_touch(bigint[]);",
        "DROP FUNCTION products_version;",
        "DROP TABLE products_touch;",
    ]
)


class Migration(migrations.Migration):
    """The table, and the triggers of this floor; the floors above add their own."""

    dependencies = [("products", "0007_periods_are_never_empty")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
