"""B12: CPU of finding something by name, with typing mistakes, among 100,000 releases, 10,000 KPIs and 2,000 products."""

import os
from datetime import UTC, datetime
from time import perf_counter

from django.db import connection

from metrics.queries.find import find, read_words
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan, cpu_seconds
from pmtrack.bench.scratch import Scratch, execute, scratch_databases
from products.models import User
from products.services.people import add_person

BOUND = 50.0
SEARCHES, SEARCHES_QUICK = 120, 60

# 2,688 words of three syllables; the hash of a number chooses one, so that names are as unlike as names are.
FILL = (
    """CREATE TEMP TABLE word AS
    SELECT row_number() OVER (ORDER BY md5(a || b || c)) - 1 AS id, a || b || c AS text
    FROM unnest('{ba,che,du,fer,gan,ho,kin,lar,mo,ner,pay,qua,ris,sto,ver,zel}'::text[]) AS a,
        unnest('{ck,dra,l,men,ni,ro,sha,ti,vo,xi,be,gu,ple,fa}'::text[]) AS b,
        unnest('{out,nt,rd,ing,er,a,os,ix,um,ey,al,on}'::text[]) AS c""",
    "CREATE UNIQUE INDEX ON word (id)",
    "ANALYZE word",
    """CREATE FUNCTION pg_temp.name(number bigint, words integer) RETURNS text LANGUAGE sql AS $$
        SELECT string_agg(word.text, ' ') FROM generate_series(1, words) AS place
        JOIN word ON word.id = abs(hashint8(number * 10 + place) % 2688) $$""",
    """INSERT INTO products_product (slug, name, type, audience, time_zone, currency, production_environment, released_is_live)
    SELECT 'bench-' || number, pg_temp.name(number, 2), 'E', '', 'UTC', 'EUR', 'production', false
    FROM generate_series(1, 2000) AS number""",
    """INSERT INTO metrics_kpi (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
    SELECT 'bench-' || product.id || '-' || number, product.id, pg_temp.name(product.id * 100 + number, 2), 'other', 'ratio',
        '%', '', 'up', false, 'bench'
    FROM products_product AS product CROSS JOIN generate_series(1, 5) AS number""",
    """INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state, live_at)
    SELECT product.id, 'production', number || '.' || product.id % 10 || '.0', pg_temp.name(product.id * 1000 + number, 3),
        '', '{}', 'live', now() - number * interval '3 days'
    FROM products_product AS product CROSS JOIN generate_series(1, 50) AS number""",
    "VACUUM (ANALYZE)",
)


def measure(plan: Plan) -> list[Figure]:
    """Each round looks for the same words: whole names, beginnings, two words, and each with a letter lost."""
    searches = SEARCHES_QUICK if plan.quick else SEARCHES
    costs: list[float] = []
    times: list[float] = []
    with scratch_databases(1, template=plan.template) as (scratch,):
        _fill(scratch)
        with scratch.in_django():
            reader = add_person(email="reader@bench.example", name="Bench Reader")
            words = _words(searches)
            _search(reader, words[:5])
            for _ in range(plan.rounds):
                seconds, walls = _search(reader, words)
                costs.append(seconds * 1e3 / searches)
                times += walls
    times.sort()
    detail = f"wall time of one: median {times[len(times) // 2] * 1e3:.0f} ms, p95 {times[len(times) * 95 // 100] * 1e3:.0f} ms"
    return [Figure("B12", "find among 112,000 names, ms of CPU", tuple(costs), BOUND, at_least=False, detail=detail)]


def _fill(scratch: Scratch) -> None:
    raw = scratch.connect()
    for statement in FILL:
        execute(raw, statement)
    raw.close()


def _words(count: int) -> list[str]:
    """What people type: parts of names that exist, every other one with its third letter lost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM products_release ORDER BY hashint8(id) LIMIT %s", [count])
        names = [name.split() for (name,) in cursor.fetchall()]
    typed = []
    for number, (first, second, _) in enumerate(names):
        whole = (first, f"{first} {second}", first[:4])[number % 3]
        typed.append(whole[:2] + whole[3:] if number % 2 else whole)
    return typed


def _search(reader: User, words: list[str]) -> tuple[float, list[float]]:
    """CPU seconds of this process and the database's for all ``words``, and the wall seconds of each."""
    today = datetime.now(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = [os.getpid(), cursor.fetchone()[0]]
    walls, before = [], cpu_seconds(pids)
    for one in words:
        start = perf_counter()
        if not find(reader, read_words(one), day=today).total:
            raise CannotMeasure(f"Nothing was found for '{one}', so there is nothing to measure.")
        walls.append(perf_counter() - start)
    return cpu_seconds(pids) - before, walls
