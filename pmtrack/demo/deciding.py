"""What Halden's PMs and leads decided about releases, and what the next one is to change."""

from datetime import UTC, datetime, time
from decimal import Decimal

from metrics.services.commitments import CommitmentFacts, name_kpi
from metrics.services.evidence import decide
from pmtrack.demo.founding import Halden
from products.models import Feature, Release

# Product, release, days ago, who, what becomes of it, and why.
DECISIONS = (
    ("checkout", "One-page booking", 128, "Maya Lindgren", "change", "The summary comes too late on the page: it moves to the top."),
    ("checkout", "One-page booking", 104, "Ines Okafor", "keep", "With the summary on top nobody asks for the old three pages."),
    ("shipper-app", "Price alerts", 115, "Ines Okafor", "roll_back", "Alerts came by the dozen. Shippers switched all of them off."),
)  # fmt: skip
NEXT = "Split payment"
# KPI, what is to happen, whether it is the main one, and by how much.
NAMED = (
    ("checkout-revenue", "rise", True, Decimal("0.04")),
    ("checkout-conversion", "rise", False, Decimal(1)),
    ("checkout-churn", "stay", False, None),
)


def tell_decisions(halden: Halden) -> None:
    """Write down what became of releases, the oldest decision first."""
    for product, name, ago, who, decided, reason in sorted(DECISIONS, key=lambda one: -one[2]):
        release = Release.objects.get(product=halden.products[product], name=name, environment="production")
        decide(release=release, decided=decided, reason=reason, by=halden.people[who], now=_afternoon(halden, ago))


def name_the_next(halden: Halden) -> None:
    """Name what the feature that is being built is to change, before anybody has it."""
    checkout = halden.products["checkout"]
    feature = Feature.objects.select_related("product").get(product=checkout, title=NEXT)
    for kpi, direction, is_main, change in NAMED:
        facts = CommitmentFacts(direction=direction, is_main=is_main, expected_change=change)
        by, now = halden.people["Maya Lindgren"], _afternoon(halden, 3)
        name_kpi(subject=feature, kpi=halden.kpis[kpi], facts=facts, by=by, now=now)


def _afternoon(halden: Halden, ago: int) -> datetime:
    return datetime.combine(halden.day(ago), time(14), UTC)
