"""Halden's KPIs, and how the made-up days of each behave. The writer defines them; series.py draws the days."""

from dataclasses import dataclass
from decimal import Decimal

from pmtrack.demo.company import OPENED

OFFICE = (1.12, 1.16, 1.13, 1.08, 0.98, 0.30, 0.23)
OFFICE_ONLY = (1.12, 1.16, 1.13, 1.08, 1.01, 0.0, 0.0)
ROAD = (1.06, 1.08, 1.08, 1.06, 1.02, 0.92, 0.78)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a KPI's days come about.

    ``level`` is a usual day's total, share or mean; ``units`` the usual number of units behind a share or mean (for a
    sum: one unit's size); ``demand`` how strongly it follows the company's common demand; ``year`` its yearly swing;
    ``trend`` its growth over the whole span; ``drift`` and ``wander`` the daily step and the memory of its own slow
    wandering, in logarithms (sums) or log-odds (shares, means); ``noise`` a sum's daily scatter, in logarithms.
    """

    level: float
    units: float = 1.0
    week: tuple[float, ...] = OFFICE
    demand: float = 1.0
    year: float = 0.05
    trend: float = 0.0
    drift: float = 0.006
    wander: float = 0.96
    noise: float = 0.04


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI as ``define_kpi`` wants it, with its shape. Targets and changes worth having of ratios are shares: 0.44.

    ``first`` and ``last`` are days ago (None: the whole span), ``gap`` the days ago between which nothing was pushed,
    ``reworded`` the days ago from which a new wording holds, and that wording.
    """

    product: str
    slug: str
    name: str
    family: str
    form: str
    unit: str
    wording: str
    shape: Shape
    direction: str = "up"
    currency: str = ""
    target: str | None = None
    worth: str | None = None
    is_main: bool = False
    first: int | None = None
    last: int = 1
    gap: tuple[int, int] | None = None
    reworded: tuple[int, str] | None = None

    @property
    def target_value(self) -> Decimal | None:
        """The target as a decimal."""
        return Decimal(self.target) if self.target else None

    @property
    def worth_value(self) -> Decimal | None:
        """The smallest change worth having as a decimal: relative for sums, in points for ratios and means."""
        return Decimal(self.worth) if self.worth else None


CHECKOUT = (
    Measure(
        "checkout",
        "checkout-conversion",
        "Booking conversion",
        "conversion",
        "ratio",
        "%",
        "Visits that opened a quote and ended in a paid booking within seven days ÷ visits that opened a quote.",
        Shape(0.415, units=2_600, year=0.02, trend=0.03, drift=0.008),
        target="0.44",
        worth="0.01",
        is_main=True,
    ),
    Measure(
        "checkout",
        "checkout-revenue",
        "Revenue",
        "revenue",
        "sum",
        "EUR",
        "Freight fees of bookings paid that day, without taxes and refunds.",
        Shape(112_000, units=104, demand=1.1, year=0.08, trend=0.10),
        currency="EUR",
        target="117000",
        worth="0.02",
    ),
    Measure(
        "checkout",
        "checkout-satisfaction",
        "Satisfaction",
        "satisfaction",
        "ratio",
        "%",
        "Answers 4 or 5 of 5 to “How easy was booking today?” ÷ all answers.",
        Shape(0.82, units=240, demand=0.6, drift=0.01),
        target="0.87",
        worth="0.015",
    ),
    Measure(
        "checkout",
        "checkout-churn",
        "Churn",
        "churn",
        "ratio",
        "%",
        "Accounts that booked in the 28 days before and in none of the 28 days after ÷ accounts that booked before.",
        Shape(0.0268, units=1_150, week=(1.0,) * 7, demand=0.1, drift=0.012),
        direction="down",
        target="0.026",
        worth="0.002",
    ),
    # Named, but no pipeline sends it yet: what an empty KPI looks like, and one that is free for a first push.
    Measure(
        "checkout",
        "checkout-visits",
        "Visits",
        "adoption",
        "sum",
        "visits",
        "Visits to the quote page that day.",
        Shape(0.0),
        first=0,
    ),
)
SHIPPER_APP = (
    Measure(
        "shipper-app", "shipper-app-satisfaction", "Satisfaction", "satisfaction", "ratio", "%",
        "Answers 4 or 5 of 5 after a delivery ÷ all answers.",
        Shape(0.775, units=420, week=ROAD, demand=0.8, drift=0.008), target="0.82", worth="0.015", is_main=True,
    ),
    Measure(
        "shipper-app", "shipper-app-active", "Active accounts", "adoption", "ratio", "%",
        "Accounts that opened the app that day ÷ accounts with at least one shipment under way.",
        Shape(0.41, units=1_900, week=ROAD, trend=0.25, drift=0.007), target="0.50", worth="0.01",
    ),
    Measure(
        "shipper-app", "shipper-app-churn", "Churn", "churn", "ratio", "%",
        "Accounts that used the app in the 28 days before and not in the 28 days after ÷ accounts that used it before.",
        Shape(0.031, units=900, week=(1.0,) * 7, demand=0.1, drift=0.012),
        direction="down", target="0.028", worth="0.002",
    ),
    Measure(
        "shipper-app", "shipper-app-revenue", "Premium tracking revenue", "revenue", "sum", "EUR",
        "Fees for premium tracking of shipments that were delivered that day.",
        Shape(18_400, units=6.5, week=ROAD, trend=0.15), currency="EUR", worth="0.03",
    ),
)  # fmt: skip
CARRIER_PORTAL = (
    Measure(
        "carrier-portal", "carrier-portal-sign-ups", "Sign-ups", "conversion", "ratio", "%",
        "Carriers that finished registration within three days ÷ carriers that started it.",
        Shape(0.228, units=310, demand=0.7, drift=0.008), target="0.24", worth="0.01", is_main=True,
    ),
    Measure(
        "carrier-portal", "carrier-portal-rating", "Carrier rating", "satisfaction", "mean", "points",
        "Mean of the answers 1 to 5 to “How well did the portal work for you this week?”.",
        Shape(3.9, units=46, demand=0.5, drift=0.01), target="4.1", worth="0.1", gap=(83, 80),
        reworded=(250, "Mean of the answers 1 to 5 to “How well did the portal work for you today?”."),
    ),
    Measure(
        "carrier-portal", "carrier-portal-uploads", "Rate uploads", "other", "sum", "uploads",
        "Files with rates that were accepted that day.",
        Shape(430, trend=0.2), target="500",
    ),
)  # fmt: skip
DOCK = (
    Measure(
        "dock-planner", "dock-planner-plans", "Ramp plans", "adoption", "sum", "plans",
        "Ramp plans that operations finished that day.",
        Shape(74, week=OFFICE_ONLY, demand=0.7), is_main=True, last=OPENED,
    ),
    Measure(
        "dock-booking", "dock-booking-bookings", "Ramp bookings", "adoption", "sum", "bookings",
        "Ramps booked by carriers and warehouses themselves that day.",
        Shape(155, trend=0.6, demand=0.8), target="240", worth="0.05", is_main=True, first=OPENED,
    ),
    Measure(
        "dock-booking", "dock-booking-rating", "Driver rating", "satisfaction", "mean", "points",
        "Mean of the answers 1 to 5 at the gate to “Was your ramp ready?”.",
        Shape(3.6, units=38, demand=0.6, trend=0.3), target="4.0", worth="0.1", first=OPENED,
    ),
)  # fmt: skip
INTERNAL = (
    Measure(
        "rate-desk", "rate-desk-quotes", "Quotes sent", "adoption", "sum", "quotes",
        "Quotes that left Rate Desk for a customer that day.",
        Shape(212, week=OFFICE_ONLY, demand=0.9, trend=0.08), is_main=True,
    ),
    Measure(
        "rate-desk", "rate-desk-in-time", "Quotes in four hours", "other", "ratio", "%",
        "Quotes sent within four working hours of the request ÷ requests.",
        Shape(0.61, units=230, week=OFFICE_ONLY, demand=0.9, trend=0.2), target="0.75", worth="0.02",
    ),
    Measure(
        "rate-desk", "rate-desk-csat", "Colleague satisfaction", "satisfaction", "mean", "points",
        "Mean of the answers 1 to 5 to the question after each tenth quote.",
        Shape(3.7, units=18, week=OFFICE_ONLY, demand=0.5), target="4.2", worth="0.2",
    ),
    Measure(
        "switchyard", "switchyard-rollouts", "Rollouts", "adoption", "sum", "rollouts",
        "Changes that teams put in front of users through Switchyard that day.",
        Shape(31, week=OFFICE_ONLY, demand=0.1, year=0.02, trend=0.9, noise=0.1), is_main=True,
    ),
    Measure(
        "switchyard", "switchyard-csat", "Colleague satisfaction", "satisfaction", "ratio", "%",
        "Answers 4 or 5 of 5 to the weekly question ÷ all answers.",
        Shape(0.74, units=24, week=OFFICE_ONLY, demand=0.1, trend=0.3), target="0.80", worth="0.05",
    ),
    Measure(
        "switchyard", "switchyard-failed-changes", "Failed changes", "other", "ratio", "%",
        "Changes that were taken back within seven days ÷ changes.",
        Shape(0.13, units=44, week=OFFICE_ONLY, demand=0.1, trend=-0.3), direction="down", target="0.10",
    ),
)  # fmt: skip

MEASURES = (*CHECKOUT, *SHIPPER_APP, *CARRIER_PORTAL, *DOCK, *INTERNAL)
