"""B6: CPU of the team page, nothing cached ÷ a bare view with one indexed query, at 40 and at 400 products."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from metrics.services.rebuild import rebuild
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan, spent
from pmtrack.bench.scratch import Scratch, past_triggers, scratch_databases
from pmtrack.bench.server import Server, web_server
from products.models import Product, User
from products.services.people import add_person, add_team, join_team

SIZES = (40, 400)
DAYS = 182
SOURCE = "bench"
BOUND, MOST_QUERIES = 25.0, 15
PAGES, FLOORS = 12, 150

# Two KPIs a product with half a year of days, a release a month, feedback twice a week.
FILL = (
    """INSERT INTO products_product (slug, name, type, audience, time_zone, currency, production_environment, released_is_live)
    SELECT %(team)s || '-' || number, 'Bench ' || number, CASE number %% 2 WHEN 0 THEN 'I' ELSE 'E' END, 'everybody',
        'Europe/Amsterdam', 'EUR', 'production', true
    FROM generate_series(1, %(products)s) AS number""",
    """INSERT INTO products_productteam (product_id, team_id, period)
    SELECT product.id, team.id, daterange('2020-01-01', NULL)
    FROM products_team AS team JOIN products_product AS product ON product.slug LIKE team.slug || '-%%'
    WHERE team.slug = %(team)s""",
    """INSERT INTO metrics_kpi (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
    SELECT product.slug || '-' || number, product.id, 'Bench', 'conversion', 'ratio', '%%', '', 'up', number = 1, %(source)s
    FROM products_product AS product CROSS JOIN generate_series(1, 2) AS number WHERE product.slug LIKE %(mine)s""",
    """INSERT INTO metrics_reading
        (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at)
    SELECT kpi.product_id, kpi.id, %(today)s::date - number, %(source)s, 400 + number, 2000, 2000, 0, 'final', now()
    FROM metrics_kpi AS kpi CROSS JOIN generate_series(1, %(days)s) AS number WHERE kpi.slug LIKE %(mine)s""",
    """INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state, live_at)
    SELECT product.id, 'production', '1.' || number, 'Release ' || number, '', '{}', 'live',
        %(today)s::date - number * 30 + time '10:00'
    FROM products_product AS product CROSS JOIN generate_series(1, 6) AS number WHERE product.slug LIKE %(mine)s""",
    """INSERT INTO products_exposure (release_id, exposed_at)
    SELECT release.id, release.live_at FROM products_release AS release
    JOIN products_product AS product ON product.id = release.product_id WHERE product.slug LIKE %(mine)s""",
    """INSERT INTO feedback_feedback (product_id, text, received_at, recorded_at, channel, logged_by_id, sentiment, source,
        source_id, fingerprint)
    SELECT product.id, 'Something was said.', %(today)s::date - number * 3 + time '11:00', now(), 'chat', %(lead)s, '',
        %(source)s, product.slug || '-' || number, ''
    FROM products_product AS product CROSS JOIN generate_series(1, 52) AS number WHERE product.slug LIKE %(mine)s""",
)


def measure(plan: Plan) -> list[Figure]:
    """A lead's page for each size, taking turns with the bare view on the same server."""
    ratios: dict[int, list[float]] = {size: [] for size in SIZES}
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    bare: list[float] = []
    with scratch_databases(1, template=plan.template) as (scratch,):
        with scratch.in_django():
            client = set_up(scratch, sizes=SIZES)
            queries = {size: _count(client, size) for size in SIZES}
        cookie = session_of(client)
        with web_server(scratch) as server:
            for size in SIZES:
                _pages(server, cookie, size, 3)
            floors(server, 20)
            for _ in range(plan.rounds):
                floor = spent(server.pids, lambda: floors(server, FLOORS)) / FLOORS
                bare.append(floor)
                for size in SIZES:
                    cost = spent(server.pids, lambda size=size: _pages(server, cookie, size, PAGES)) / PAGES
                    costs[size].append(cost)
                    ratios[size].append(cost / floor)
    return [_cpu(size, ratios[size], costs[size], bare) for size in SIZES] + _statements(queries)


def _cpu(size: int, ratios: list[float], costs: list[float], bare: list[float]) -> Figure:
    detail = (
        f"{min(costs) * 1e3:.1f}–{max(costs) * 1e3:.1f} ms CPU a page with {size} products, "
        f"{min(bare) * 1e3:.2f}–{max(bare) * 1e3:.2f} ms the bare view"
    )
    what = f"team page, {size} products ÷ bare view, CPU"
    return Figure("B6", what, tuple(ratios), BOUND, at_least=False, detail=detail)


def _statements(queries: dict[int, int]) -> list[Figure]:
    few, many = (queries[size] for size in SIZES)
    return [
        Figure("B6", f"SQL statements of the page, {SIZES[1]} products", (many,), MOST_QUERIES, at_least=False),
        Figure("B6", f"SQL statements, {SIZES[1]} ÷ {SIZES[0]} products", (many / few,), 1.0, at_least=False),
    ]


def set_up(scratch: Scratch, *, sizes: Sequence[int]) -> Client:
    """A team of each size with its facts and rollups; gives back a client in which their lead is signed in."""
    today = datetime.now(UTC).date()
    lead = add_person(email="lead@bench.example", name="Bench Lead")
    for size in sizes:
        team = add_team(slug=_team(size), name=f"Team of {size}")
        join_team(user=lead, team=team, role="lead", start=today - timedelta(days=1_000))
        _fill(scratch, size=size, lead=lead, today=today)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        rebuild(products=list(Product.objects.filter(slug__startswith="team-of-")), now=datetime.now(UTC))
        cursor.execute("VACUUM (ANALYZE)")
    client = Client(SERVER_NAME="localhost")
    client.force_login(lead)
    return client


def session_of(client: Client) -> dict[str, str]:
    """The headers with which the client's session goes on elsewhere."""
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def _fill(scratch: Scratch, *, size: int, lead: User, today: date) -> None:
    team = _team(size)
    values = {"team": team, "mine": f"{team}-%", "products": size, "today": today, "days": DAYS}
    raw = scratch.connect()
    with past_triggers(raw), raw.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {**values, "source": SOURCE, "lead": lead.pk})
    raw.close()


def _team(size: int) -> str:
    return f"team-of-{size}"


def address(size: int) -> str:
    """The team page of the team with so many products."""
    return f"/impact/?team={_team(size)}"


def _count(client: Client, size: int) -> int:
    view(client, size)  # whatever a process asks once and keeps
    with CaptureQueriesContext(connection) as captured:
        view(client, size)
    return len(captured)


@override_settings(STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}})
def view(client: Client, size: int) -> None:
    """One view of the team page in this process, which has no collected static files."""
    response = client.get(address(size), secure=True)
    if response.status_code != 200:
        raise CannotMeasure(f"{address(size)} answered {response.status_code}")


def _pages(server: Server, cookie: dict[str, str], size: int, count: int) -> None:
    for _ in range(count):
        server.request("GET", address(size), headers=cookie, expect=200)


def floors(server: Server, count: int) -> None:
    """The bare view so many times, each time about another product."""
    for number in range(count):
        server.request("GET", f"/bench/floor/{_team(SIZES[0])}-{number % SIZES[0] + 1}", headers={}, expect=200)
