"""The worked example of impact.md §3 as facts: Checkout's and Search's releases, and whose work made them possible."""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from metrics.models import Credit, Enablement, Estimate, Kpi, Mark
from metrics.services.rollups import refresh
from products.models import Feature, Product, Release, User
from tests.conftest import Cast
from tests.factories import NOW, make_feature, make_kpi, make_product, make_team, own

LIVE = NOW - timedelta(days=60)


def ship(product: Product, name: str, *features: Feature, live: datetime = LIVE) -> Release:
    """A release that is live and carries ``features``."""
    return Release.objects.create(
        product=product,
        version=f"{product.slug}-{name}",
        name=name,
        environment="production",
        state="live",
        live_at=live,
        feature_keys=[f"W-{one.pk}" for one in features],
    )


def read(release: Release, kpi: Kpi, effect: float, se: float, **changed: object) -> Estimate:
    """A full reading on the scale of the KPI itself: a score moved by ``effect`` ± ``se``."""
    told = {
        "basis": "past", "is_preferred": True, "is_main": True, "is_guardrail": False, "named_at": LIVE, "is_named_before": True,
        "word": "cannot_tell", "words": "Cannot tell", "live_on": LIVE.date(), "planned": 14, "horizon": 14, "effect": effect,
        "se": se, "df": 20.0, "p": 0.2, "reaches": [se, se, se], "form": "score", "level": 0.0, "steps": 14, "method": "test",
        "digest": "test", "computed_at": NOW, **changed,
    }  # fmt: skip
    return Estimate.objects.create(product=kpi.product, kpi=kpi, release=release, **told)


def thanks(
    by: User, feature: Feature, upstream: Product, kind: str, days: tuple[float, float] | None, release: Release | None
) -> Enablement:
    """What ``upstream`` did for a feature, as whoever works on the feature says it."""
    low, high = days or (None, None)
    return Enablement.objects.create(
        upstream_product=upstream,
        upstream_release=release,
        feature=feature,
        downstream_product=feature.product,
        kind=kind,
        days_low=low,
        days_high=high,
        thanked_by=by,
        made_at=NOW - timedelta(days=30),
        state="confirmed",
        answered_by=by,
        answered_at=NOW - timedelta(days=30),
    )


def ask_again(enablement: Enablement, by: User) -> QuerySet[Enablement]:
    """It waits for an answer of ``by`` again."""
    row = Enablement.objects.filter(pk=enablement.pk)
    row.update(
        state="claimed", answered_by=None, answered_at=None, asked=by, asked_at=NOW, expires_at=NOW + timedelta(days=14)
    )
    return row


def say_again(enablement: Enablement, by: User, low: float, high: float) -> None:
    """The same help, confirmed with other days."""
    told = {"state": "adjusted", "answered_by": by, "answered_at": NOW, "days_low": low, "days_high": high}
    ask_again(enablement, by).update(asked=None, asked_at=None, expires_at=None, **told)


def settle() -> None:
    """Let credit be drained; these estimates are told and not read from days, so nothing else is."""
    Mark.objects.all().delete()
    refresh(now=NOW)


class Example:
    """Checkout +100 ± 20, unblocked by payments and 18 days faster by web, whose own work design made 45 days faster."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.payments, self.web, self.design = (self.helper(slug) for slug in ("payments", "web", "design"))
        self.kpi = make_kpi(cast.checkout, "happiness", "mean")
        self.booking = make_feature(cast.emil, cast.checkout, title="Bulk booking")
        self.grid = make_feature(cast.emil, self.web, title="Grid")
        self.web_release = ship(self.web, "Grid", self.grid)
        self.release = ship(cast.checkout, "Bulk booking", self.booking)
        self.estimate = read(self.release, self.kpi, 100, 20)
        self.unblocked = self.help(self.payments, self.booking, "unblocked")
        self.faster = self.help(self.web, self.booking, "accelerated", 18, self.web_release)
        self.onward = self.help(self.design, self.grid, "accelerated", 45)

    def helper(self, slug: str) -> Product:
        """An internal product with a team of its own."""
        product = make_product(slug, "I")
        own(make_team(slug), product)
        return product

    def help(
        self, upstream: Product, feature: Feature, kind: str, days: float | None = None, release: Release | None = None
    ) -> Enablement:
        """Emil says that ``upstream`` helped."""
        return thanks(self.cast.emil, feature, upstream, kind, None if days is None else (days, days), release)


class WholeExample(Example):
    """With Search beside it: +50 ± 10, which design enabled, and nobody said how many days that spared."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.search = make_product("search", "E")
        own(make_team("search"), self.search)
        self.finder = make_feature(cast.emil, self.search, title="Finder")
        self.found = ship(self.search, "Finder", self.finder)
        read(self.found, self.kpi, 50, 10)
        self.assumed = self.help(self.design, self.finder, "enabled")


def credits() -> dict[str, float]:
    """What each product is credited with, summed over KPIs and quarters."""
    found: dict[str, float] = {}
    for slug, value in Credit.objects.values_list("product__slug", "credited"):
        found[slug] = found.get(slug, 0.0) + value
    return found


def quarter(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
