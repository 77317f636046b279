"""B13 to B15: what a PM opens every day. Similar entries while typing, the inbox and the cycle board, where a lot is heard."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.queries.board import board
from feedback.queries.inbox import Filters, inbox
from feedback.queries.similar import similar_entries
from pmtrack.bench.measuring import Figure, Plan, cpu_seconds
from pmtrack.bench.scratch import Scratch, execute, scratch_databases
from products.models import Product, User
from products.services.people import add_person

SIMILAR_BOUND, INBOX_BOUND, BOARD_BOUND = 50.0, 200.0, 100.0
CALLS, CALLS_QUICK = 200, 80

# 400 products of two teams; 100,000 entries of 5 to 40 words, one in ten without a diagnosis, one in twenty merged. A word is
# the rarer the higher its number, as in speech: a hundredth of the 2,688 words make up a fifth of the text.
FILL = (
    """CREATE TEMP TABLE word AS
    SELECT row_number() OVER (ORDER BY md5(a || b || c)) - 1 AS id, a || b || c AS text
    FROM unnest('{ba,che,du,fer,gan,ho,kin,lar,mo,ner,pay,qua,ris,sto,ver,zel}'::text[]) AS a,
        unnest('{ck,dra,l,men,ni,ro,sha,ti,vo,xi,be,gu,ple,fa}'::text[]) AS b,
        unnest('{out,nt,rd,ing,er,a,os,ix,um,ey,al,on}'::text[]) AS c""",
    "CREATE UNIQUE INDEX ON word (id)",
    "ANALYZE word",
    """CREATE FUNCTION pg_temp.said(number bigint, words integer) RETURNS text LANGUAGE sql AS $$
        SELECT string_agg(word.text, ' ' ORDER BY place) FROM generate_series(1, words) AS place
        JOIN word ON word.id = floor(2688 * power(abs(hashint8(number * 100 + place)) / 2147483648.0, 3))::bigint $$""",
    """INSERT INTO products_product (slug, name, type, audience, time_zone, currency, production_environment, released_is_live)
    SELECT 'bench-' || number, 'Bench ' || number, CASE number % 2 WHEN 0 THEN 'I' ELSE 'E' END, '', 'UTC', 'EUR',
        'production', false FROM generate_series(1, 400) AS number""",
    """INSERT INTO feedback_diagnosis (product_id, trying_to, in_the_way, known_from, solved_when, started_by_id, started_at,
        diagnosed_by_id, diagnosed_at, decision, reason, revision)
    SELECT product.id, 'Pay', pg_temp.said(product.id * 1000 + number, 8), 'Seen', '', {reader}, now() - number * interval '3 days',
        {reader}, now() - number * interval '3 days' + interval '5 days' * (number % 3 + 1), '', '', 1
    FROM products_product AS product CROSS JOIN generate_series(10, 59) AS number""",
    """INSERT INTO feedback_feedback (product_id, text, received_at, recorded_at, channel, logged_by_id, sentiment, source,
        source_id, fingerprint, revision, diagnosis_id)
    SELECT product.id, pg_temp.said(product.id * 1000 + number, 5 + abs(hashint8(number)) % 36),
        now() - number * interval '40 hours', now(), 'call', {reader}, '', 'bench', product.id || '-' || number, '', 1,
        CASE WHEN number > 25 THEN diagnosis.ids[number % 50 + 1] END
    FROM products_product AS product CROSS JOIN generate_series(1, 250) AS number
    JOIN (SELECT product_id, array_agg(id) AS ids FROM feedback_diagnosis GROUP BY product_id) AS diagnosis
        ON diagnosis.product_id = product.id""",
    """UPDATE feedback_feedback AS entry SET merged_into_id = root.id FROM feedback_feedback AS root
    WHERE entry.source_id LIKE '%0' AND entry.diagnosis_id IS NOT NULL AND root.source_id = entry.product_id || '-1'""",
    """INSERT INTO feedback_voice (feedback_id, colleague_id) SELECT id, {reader} FROM feedback_feedback""",
    """INSERT INTO products_feature (product_id, title, requirement, intent, stage, stage_since, created_by_id, created_at,
        waived_by_id, waived_at, waiver_reason, revision)
    SELECT product.id, pg_temp.said(product.id * 7 + number, 4), '', 'other',
        (ARRAY['diagnosed', 'building', 'released'])[number % 3 + 1], now() - number * interval '9 days', {reader}, now(),
        {reader}, now(), 'Urgent', 1
    FROM products_product AS product CROSS JOIN generate_series(1, 12) AS number""",
    "VACUUM (ANALYZE)",
)


@contextmanager
def _company(plan: Plan) -> Iterator[tuple[User, list[Product]]]:
    """The filled database, its only reader, who sees everything, and the products."""
    with scratch_databases(1, template=plan.template) as (scratch,), scratch.in_django():
        reader = add_person(email="reader@bench.example", name="Bench Reader")
        _fill(scratch, reader)
        yield reader, list(Product.objects.order_by("pk"))


def _fill(scratch: Scratch, reader: User) -> None:
    raw = scratch.connect()
    for statement in FILL:
        execute(raw, statement.replace("{reader}", str(reader.pk)))
    raw.close()


def _figure(plan: Plan, id: str, what: str, bound: float, calls: int, deed: Callable[[int], object]) -> Figure:
    """CPU of this process and the database's for one call, in ms; the wall times' p95 and the statements beside it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = [os.getpid(), cursor.fetchone()[0]]
    with CaptureQueriesContext(connection) as statements:
        deed(0)
    costs, walls = [], []
    for _ in range(plan.rounds):
        before = cpu_seconds(pids)
        for number in range(calls):
            start = perf_counter()
            deed(number)
            walls.append((perf_counter() - start) * 1e3)
        costs.append((cpu_seconds(pids) - before) * 1e3 / calls)
    walls.sort()
    detail = f"wall time: median {walls[len(walls) // 2]:.0f} ms, p95 {walls[len(walls) * 95 // 100]:.0f} ms; {len(statements)} statements"
    return Figure(id, what, tuple(costs), bound, at_least=False, detail=detail)


def measure_similar(plan: Plan) -> list[Figure]:
    """Half of what is typed says in other words what was heard, with a slip of the hand; the other half is new."""
    calls = CALLS_QUICK if plan.quick else CALLS
    day = datetime.now(UTC).date()
    with _company(plan) as (reader, _):
        typed = _typed(calls)

        def look(number: int) -> object:
            text, product = typed[number]
            return similar_entries(reader, text, product=product, day=day)

        found = sum(bool(look(number)) for number in range(0, calls, 2))
        figure = _figure(plan, "B13", "similar among 100,000 entries, ms of CPU", SIMILAR_BOUND, calls, look)
    hits = f"{found} of {calls // 2} that were heard before are found; {figure.detail}"
    return [Figure(figure.id, figure.what, figure.values, figure.bound, at_least=False, detail=hits)]


def _typed(count: int) -> list[tuple[str, int]]:
    """Texts with the product they are about; every other one is an entry with a third of its words gone and two letters swapped."""
    chosen = random.Random(13)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, product_id FROM feedback_feedback ORDER BY hashint8(id) LIMIT %s", [count])
        heard = cursor.fetchall()
        cursor.execute("SELECT text FROM feedback_feedback ORDER BY hashint8(id + 1) LIMIT %s", [count])
        words = [word for (text,) in cursor.fetchall() for word in text.split()]
    texts = []
    for number, (text, product) in enumerate(heard):
        said = text.split()[:15]
        if number % 2:
            said = chosen.sample(words, len(said))
        else:
            said = chosen.sample(said, max(3, len(said) * 2 // 3))
            said[0] = said[0][:1] + said[0][2:3] + said[0][1:2] + said[0][3:]
        texts.append((" ".join(said), product))
    return texts


def measure_inbox(plan: Plan) -> list[Figure]:
    """The four scopes in turn, for one who sees all 10,000 open items."""
    calls = CALLS_QUICK // 4 if plan.quick else CALLS // 4
    now = datetime.now(UTC)
    with _company(plan) as (reader, _):
        scopes = ("all", "stuck", "team", "mine")
        look = lambda number: inbox(reader, Filters(scope=scopes[number % 4]), now=now)  # noqa: E731
        return [_figure(plan, "B14", "inbox with 10,000 open items, ms of CPU", INBOX_BOUND, calls, look)]


def measure_board(plan: Plan) -> list[Figure]:
    """The first pages of the board of 400 products, a dozen lanes each."""
    calls = CALLS_QUICK // 4 if plan.quick else CALLS // 4
    now = datetime.now(UTC)
    with _company(plan) as (reader, products):
        keys = [product.pk for product in products]
        look = lambda number: board(reader, keys, page=1 + number % 10, now=now)  # noqa: E731
        return [_figure(plan, "B15", "board of 400 products, ms of CPU", BOARD_BOUND, calls, look)]
