"""What a fault campaign writes about: eight small products, so that buckets stay sparse, and one to watch."""

from pmtrack.bench.faults.stack import Stack

PRODUCTS = [f"product-{number}" for number in range(8)]
PROBE = "probe"  # written by the watch alone, which measures how soon a reading is shown
TEAMS = ["alpha", "beta", "gamma"]

SCRIPT = f"""
from datetime import UTC, date, datetime
from metrics.services.kpis import define_kpi
from products.services.people import add_person, add_team, join_team
from products.services.products import add_product, assign_pm, give_product

start = date(2020, 1, 1)
lena = add_person(email="lena@example.com", name="Lena")
teams = [add_team(slug=slug, name=slug.capitalize()) for slug in {TEAMS!r}]
join_team(user=lena, team=teams[0], role="lead", start=start)
for number, slug in enumerate({[*PRODUCTS, PROBE]!r}):
    product = add_product(
        slug=slug, name=slug, type="IE"[number % 2], audience="everybody", time_zone=["UTC", "Asia/Tokyo"][number // 4 % 2]
    )
    give_product(product=product, team=teams[0], start=start)
    define_kpi(product=product, slug=f"kpi-{{slug}}", name="Figure", family="other", form="sum", unit="",
        direction="up", wording="What we count.", holds_from=start)
"""


def set_up(stack: Stack) -> str:
    """Make the company on a running stack; gives back the secret of a token for all its products."""
    stack.manage("shell", "--no-imports", "-c", SCRIPT)
    scopes = [word for name in ("release", "kpi", "usage", "feedback") for word in ("--scope", f"{name}:write")]
    scopes += ["--scope", "read"]
    return stack.manage("token", "--for", "lena@example.com", "--team", "alpha", "--quiet", *scopes).strip()
