"""What the measurements of intake share: a product with a token, KPIs to fill, and one batch of readings over HTTP."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pmtrack.bench.scratch import Raw
from pmtrack.bench.server import Server
from products.models import Product
from products.services.people import add_person, add_team, join_team
from products.services.products import add_product, give_product
from products.services.tokens import make_token

ROWS = 1_000
START = date(2020, 1, 1)
SOURCE = "bench"
READINGS = "/api/v1/kpis/{}/readings:batch"


def set_up() -> tuple[Product, str]:
    """A product with a PM and a token, through the services."""
    now = datetime.now(UTC)
    pm, team = add_person(email="pm@bench.example", name="Bench PM"), add_team(slug="bench", name="Bench")
    join_team(user=pm, team=team, role="pm", start=START)
    product = add_product(slug="bench", name="Bench", type="E", audience="")
    give_product(product=product, team=team, start=START)
    made = make_token(name="bench", kind="ci", scopes=["kpi:write"], maker=pm, product=product, now=now)
    return product, made.secret


def add_kpis(raw: Raw, product: Product, *, count: int) -> Iterator[tuple[int, str]]:
    """So many KPIs of the product, each to be filled once: (id, slug)."""
    with raw.cursor() as cursor:
        cursor.execute(
            """INSERT INTO metrics_kpi
                (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
            SELECT 'bench-' || number, %s, 'Bench', 'other', 'ratio', '%%', '', 'up', false, %s
            FROM generate_series(1, %s) AS number RETURNING id, slug""",
            [product.pk, SOURCE, count],
        )
        return iter(cursor.fetchall())


def push(server: Server, secret: str, slugs: Iterable[str], *, path: str = READINGS) -> None:
    """Send a batch of 1,000 readings to each of the KPIs."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    for slug in slugs:
        server.request("POST", path.format(slug), body=BODY, headers=headers, expect=200)


def _body() -> bytes:
    readings = [
        {
            "day": (START + timedelta(days=number)).isoformat(),
            "numerator": 100 + number,
            "denominator": 2_000,
            "n": 2_000,
        }
        for number in range(ROWS)
    ]
    return json.dumps({"source": SOURCE, "readings": readings}).encode()


BODY = _body()
