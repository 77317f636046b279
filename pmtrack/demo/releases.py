"""Halden's releases as their clients told them: who shipped what, how many days ago, and what was taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pmtrack.demo.company import PRODUCTS

INTERNAL = {product.slug for product in PRODUCTS if product.type == "I"}
CODE_HOST, PIPELINE = "ci/github-actions", "ci/gitlab"


@dataclass(frozen=True, slots=True)
class Step:
    """One event: its kind, the days ago and the local time of day, and where it happened."""

    kind: str
    ago: int
    at: time = time(10, 15)
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class Plan:
    """A release and its steps."""

    product: str
    version: str
    name: str
    steps: tuple[Step, ...]
    features: tuple[str, ...] = ()

    @property
    def first_exposed(self) -> int | None:
        """How many days ago users first had it (a plain release of an internal product counts), or None."""
        kinds = {"exposed", "released"} if self.product in INTERNAL else {"exposed"}
        told = [step.ago for step in self.steps if step.environment == "production" and step.kind in kinds]
        return max(told, default=None)

    @property
    def taken_back(self) -> int | None:
        """How many days ago it was taken back for good, or None."""
        last = min(self.steps, key=lambda step: (step.ago, step.kind != "rolled_back"))
        return last.ago if last.kind == "rolled_back" else None


@dataclass(frozen=True, slots=True)
class Event:
    """What a client sends about a release."""

    plan: Plan
    step: Step
    source: str
    event_id: str
    occurred_at: datetime
    url: str


def staged(product: str, version: str, name: str, ago: int, *features: str, pilot: int = 0) -> Plan:
    """An external release: planned a month before, built three days before, tried by a few if ``pilot``, exposed."""
    steps = [Step("planned", ago + 30), Step("released", ago + max(3, pilot), time(16, 40))]
    if pilot:
        steps.append(Step("exposed", ago + pilot, time(9, 0), "pilot"))
    return Plan(product, version, name, (*steps, Step("exposed", ago, time(9, 30))), features)


def shipped(product: str, version: str, name: str, ago: int, *features: str) -> Plan:
    """An internal release: merged, out, used."""
    return Plan(product, version, name, (Step("released", ago, time(11, 5)),), features)


EXTERNAL = (
    staged("checkout", "2.3.0", "Depot search", 401, "W-12"),
    staged("checkout", "2.4.0", "Saved addresses", 297, "W-31"),
    staged("checkout", "2.5.0", "Pallet presets", 236, "W-40"),
    staged("checkout", "2.6.0", "One-page booking", 147, "W-58", "W-61", pilot=10),
    staged("checkout", "2.7.0", "Invoice at checkout", 9, "W-88"),
    Plan("checkout", "2.8.0", "Split payment", (Step("planned", 6), Step("released", 2, time(15, 20))), ("W-93",)),
    staged("shipper-app", "4.9.0", "Offline documents", 372, "W-17"),
    staged("shipper-app", "5.0.0", "New start page", 288, "W-33"),
    staged("shipper-app", "5.1.0", "Live tracking", 196, "W-46", "W-47", pilot=7),
    staged("shipper-app", "5.2.0", "Proof of delivery photos", 158, "W-55"),
    Plan(
        "shipper-app",
        "5.3.0",
        "Price alerts",
        (
            Step("planned", 150),
            Step("released", 124, time(16, 10)),
            Step("exposed", 121, time(9, 30)),
            Step("rolled_back", 115, time(14, 5)),
        ),
        ("W-64",),
    ),
    staged("shipper-app", "5.4.0", "Push alerts", 62, "W-72"),
    staged("carrier-portal", "3.0.0", "Document check", 355, "W-19"),
    staged("carrier-portal", "3.1.0", "Open loads map", 262, "W-36"),
    staged("carrier-portal", "3.2.0", "Bulk rate upload", 171, "W-50"),
    staged("carrier-portal", "3.3.0", "Two-step sign-in", 78, "W-69", pilot=5),
    staged("dock-booking", "1.0.0", "Ramp booking for carriers", 148, "W-57"),
    staged("dock-booking", "1.1.0", "Waiting list", 104, "W-66"),
    staged("dock-booking", "1.2.0", "Arrival slots", 48, "W-76"),
)

RATE_DESK = tuple(
    shipped("rate-desk", version, name, ago, feature)
    for version, name, ago, feature in (
        ("2025.11", "Shared quote notes", 412, "W-10"),
        ("2025.12", "Fuel surcharge table", 381, "W-15"),
        ("2026.1", "Customer history in a quote", 344, "W-21"),
        ("2026.2", "Copy a quote", 311, "W-27"),
        ("2026.3", "Lane search", 279, "W-34"),
        ("2026.4", "Quote templates", 243, "W-39"),
        ("2026.5", "Round prices", 214, "W-44"),
        ("2026.6", "Discount reasons", 181, "W-49"),
        ("2026.7", "Quote expiry reminders", 139, "W-59"),
        ("2026.8", "Margin guard", 101, "W-67"),
        ("2026.9", "Bulk re-quote", 36, "W-79"),
        ("2026.10", "Export to spreadsheet", 12, "W-86"),
    )
)

SWITCHYARD = tuple(
    shipped("switchyard", version, name, ago, feature)
    for version, name, ago, feature in (
        ("1.17", "Flag owners", 421, "W-11"),
        ("1.18", "Change log by team", 396, "W-14"),
        ("1.19", "Staged rollout", 364, "W-18"),
        ("1.20", "Rollout by country", 340, "W-22"),
        ("1.21", "Stale flag report", 325, "W-24"),
        ("1.22", "Command line", 306, "W-28"),
        ("1.23", "Per-customer flags", 291, "W-30"),
        ("1.24", "Approval notes", 270, "W-35"),
        ("1.25", "Flags in test runs", 249, "W-38"),
        ("1.26", "Scheduled rollout", 227, "W-42"),
        ("1.27", "Rollout templates", 205, "W-45"),
        ("1.28", "Faster lookups", 188, "W-48"),
        ("1.30", "Error budget stop", 152, "W-56"),
        ("1.31", "One-click rollback", 118, "W-65"),
        ("1.33", "Who sees what", 70, "W-70"),
        ("1.34", "Audit trail export", 56, "W-74"),
        ("1.35", "Search in flags", 31, "W-80"),
        ("1.36", "Rollout calendar", 8, "W-89"),
    )
)

# Taken back after fourteen minutes and shipped again two days later: normal for an internal product.
BULK_TOGGLE = Plan(
    "switchyard",
    "1.32",
    "Bulk toggle",
    (
        Step("released", 84, time(9, 12)),
        Step("rolled_back", 84, time(9, 26)),
        Step("exposed", 82, time(13, 40)),
    ),
    ("W-68",),
)

DOCK_PLANNER = (
    shipped("dock-planner", "0.8", "Ramp overview", 388, "W-16"),
    shipped("dock-planner", "0.9", "Drag to plan", 302, "W-29"),
    shipped("dock-planner", "1.0", "Delay warnings", 219, "W-43"),
)

PLANS = (*EXTERNAL, *RATE_DESK, *SWITCHYARD, BULK_TOGGLE, *DOCK_PLANNER)


def events(plan: Plan, *, today: date, time_zone: str) -> Iterator[Event]:
    """The events of one release at their instants, cut in the product's time zone."""
    source = PIPELINE if plan.product in {"rate-desk", "dock-planner"} else CODE_HOST
    for step in plan.steps:
        instant = datetime.combine(today - timedelta(days=step.ago), step.at, ZoneInfo(time_zone))
        yield Event(
            plan,
            step,
            source,
            f"{plan.product}-{plan.version}-{step.environment}-{step.kind}",
            instant,
            f"https://git.halden.example/{plan.product}/releases/{plan.version}",
        )
