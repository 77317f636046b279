"""B7: pages of the database that the team page touches among many facts ÷ among a hundredth of them, same team in both."""

from django.test import Client

from pmtrack.bench.measuring import Figure, Plan
from pmtrack.bench.page import set_up, view
from pmtrack.bench.scratch import Scratch, pages_read, scratch_databases
from pmtrack.bench.slope import fill, products_among, sizes

BOUND = 1.1
TEAM = 40
VIEWS = 5
UNTIL_PLANNED = 6  # PostgreSQL plans a prepared statement anew five times; planning reads pages, too


def measure(plan: Plan) -> list[Figure]:
    """The team of 40 products is the same in both databases; the rest of the company is a hundred times as large."""
    touched: dict[Scratch, list[float]] = {}
    with scratch_databases(2, template=plan.template) as both:
        for scratch, facts in zip(both, (plan.facts // 100, plan.facts), strict=True):
            fill(scratch, products=products_among(facts))
            with scratch.in_django():
                client = set_up(scratch, sizes=(TEAM,))
                for _ in range(UNTIL_PLANNED):
                    view(client, TEAM)
                touched[scratch] = [_pages_of(client) for _ in range(plan.rounds)]
        few, many = (touched[scratch] for scratch in both)
    ratios = tuple(high / low for high, low in zip(many, few, strict=True))
    detail = f"{min(few):,.0f}–{max(few):,.0f} pages a view among few, {min(many):,.0f}–{max(many):,.0f} among many"
    what = f"pages of the team page at {sizes(plan.facts)}"
    return [Figure("B7", what, ratios, BOUND, at_least=False, detail=detail)]


def _pages_of(client: Client) -> float:
    """Pages a view, and what asking for the count itself costs taken off."""
    before = pages_read()
    asking = pages_read() - before
    start = pages_read()
    for _ in range(VIEWS):
        view(client, TEAM)
    return (pages_read() - start - asking) / VIEWS
