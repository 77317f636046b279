"""Which KPIs Halden's features were to move, named before their releases; what else happened; and one experiment."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby

from metrics.models import Kpi
from metrics.services.commitments import CommitmentFacts, name_kpi
from metrics.services.events import EventFacts, note_event
from metrics.services.evidence import ExperimentFacts, enter_experiment
from pmtrack.demo.cycle import at_work, owner
from pmtrack.demo.effects import CONTROLS, TRUE_EFFECTS, TrueEffect
from pmtrack.demo.founding import Halden
from pmtrack.demo.releases import PLANS, Plan
from products.models import Feature, Release

# Days before users had it.
NAMED_BEFORE = 12
WINDOWS = {"checkout-churn": 28, "shipper-app-churn": 28}
# Product ("" is the whole company), name, kind, first and last day by days ago.
EVENTS = (
    ("checkout", "Spring offer", "offer", 172, 169),
    ("checkout", "Summer offer", "offer", 128, 115),
    ("", "Data centre move", "outage", 233, 233),
    ("shipper-app", "Stadium campaign", "campaign", 206, 200),
)


def name_kpis(halden: Halden, keys: Mapping[str, str]) -> int:
    """Name the KPIs of each plan for its first feature; ``keys`` says what that is called here. Gives back how many."""
    plans = {(plan.product, plan.version): plan for plan in PLANS}
    told = 0
    for (product, version), effects in groupby(TRUE_EFFECTS, key=lambda one: (one.product, one.version)):
        plan = plans[product, version]
        if plan.first_exposed is None or not plan.features:
            continue
        feature = Feature.objects.get(pk=int(keys[plan.features[0]].removeprefix("W-")))
        for place, effect in enumerate(effects):
            _name(halden, feature, plan, effect, is_main=place == 0)
            told += 1
    return told


def tell_events(halden: Halden) -> None:
    """Note the offers, the campaign and the outage, by those who answered for the product then."""
    for product, name, kind, first, last in EVENTS:
        facts = EventFacts(name=name, kind=kind, first_day=halden.day(first), last_day=halden.day(last))
        by = owner(halden, product or "checkout", first)
        note_event(
            product=halden.products.get(product), facts=facts, by=by, now=at_work(halden, product or "checkout", first)
        )


def tell_experiment(halden: Halden) -> None:
    """The held-back group of Push alerts: an experiment that says more than the KPI's own past."""
    release = Release.objects.get(product=halden.products["shipper-app"], name="Push alerts", environment="production")
    facts = ExperimentFacts(
        effect=Decimal("0.031"),
        low=Decimal("0.012"),
        high=Decimal("0.050"),
        level=Decimal("0.95"),
        scale="relative",
        with_it=18_400,
        without_it=18_250,
        note="One in two shippers had no push alerts for four weeks.",
    )
    kpi = halden.kpis["shipper-app-revenue"]
    now = at_work(halden, "shipper-app", 30)
    enter_experiment(release=release, kpi=kpi, facts=facts, by=owner(halden, "shipper-app", 30), now=now)


def _name(halden: Halden, feature: Feature, plan: Plan, effect: TrueEffect, *, is_main: bool) -> None:
    kpi = halden.kpis[effect.kpi]
    ago = (plan.first_exposed or 0) + NAMED_BEFORE
    facts = CommitmentFacts(
        direction="rise" if kpi.direction == "up" else "fall",
        is_main=is_main,
        window_days=WINDOWS.get(effect.kpi, 14),
        roll_out_days=effect.rollout_days,
        controls=_controls(halden, kpi, feature),
    )
    name_kpi(
        subject=feature,
        kpi=kpi,
        facts=facts,
        by=owner(halden, plan.product, ago),
        now=at_work(halden, plan.product, ago),
    )


def _controls(halden: Halden, kpi: Kpi, feature: Feature) -> list[Kpi]:
    """The KPIs of other products that follow the same demand and that nothing touched by then, their days cut alike."""
    known = [halden.kpis[slug] for slug in CONTROLS.get(kpi.slug, ())]
    zone = kpi.product.time_zone
    return [one for one in known if one.product_id != feature.product_id and one.product.time_zone == zone]
