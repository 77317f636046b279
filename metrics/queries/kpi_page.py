"""One KPI: what it means, where it stands, its days with the releases, and every reading with its corrections."""

import json
import shlex
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db.models import Q

from metrics.access import visible_kpis
from metrics.models import Kpi
from metrics.queries.effects import Effect, axis_labels, axis_of
from metrics.queries.kpi_values import KpiSeries
from metrics.queries.periods import Period, local_day
from metrics.queries.product_effects import effects_tail, effects_title, kpi_effects
from metrics.queries.readings import ReadingPage, reading_page
from metrics.queries.series import one_series
from metrics.queries.words import amount, day_text, instant_text, number
from products.access import Actor
from products.catalog.words import counted
from products.models import ApiToken, Product, ProductTeam, Scope, User


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of the definition, with the days for which it holds in words."""

    span: str
    wording: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Push:
    """What it takes to send the first reading: the body, and the reader's own token that may (or "")."""

    body: str
    token: str

    @property
    def quoted_body(self) -> str:
        """The body as one word of a shell."""
        return shlex.quote(self.body)


@dataclass(frozen=True, slots=True)
class KpiPage:
    """A KPI as its page shows it; ``series`` is what GET /api/v1/kpis/{slug}/series answers."""

    series: KpiSeries
    product: str
    type: str
    family: str
    form_text: str
    worth_text: str
    wordings: tuple[Wording, ...]
    readings: ReadingPage
    effects: tuple[Effect, ...]
    push: Push | None
    period: str
    as_of: datetime

    @property
    def verdict(self) -> str:
        """Where the KPI stands, in a sentence by rule."""
        series, level = self.series, self.series.level
        if not self.readings.total:
            return f"{series.name} is named, and nobody has sent a reading yet."
        if level.value is None:
            return f"{series.name} has no readings in the last 4 weeks. {effects_tail(self.effects)}"
        aim = ""
        if series.target is not None:
            reached = level.value >= series.target if series.direction == "up" else level.value <= series.target
            aim = f", {'at or past' if reached else 'short of'} its target of {series.target_text}"
        return f"The level of {series.name} is {level.text} over the last 4 weeks{aim}. {effects_tail(self.effects)}"

    @property
    def effects_title(self) -> str:
        """The table's finding."""
        if not self.effects:
            return "No release named it"
        return f"{counted(len(self.effects), 'release')} named it, {effects_title(self.effects)}"

    @property
    def domain(self) -> tuple[float, float]:
        """The axis that all rows share."""
        return axis_of(self.effects)

    @property
    def labels(self) -> tuple[tuple[float, str], ...]:
        """The axis' words."""
        return axis_labels(self.domain)

    @property
    def last_push_text(self) -> str:
        """When the newest push of a reading came."""
        return instant_text(self.readings.last_push) if self.readings.last_push else "nothing pushed yet"

    @property
    def as_of_text(self) -> str:
        """When the values were read."""
        return instant_text(self.as_of)


def known_kpi(user: Actor, slug: str) -> Kpi | None:
    """The KPI that the reader may see, with its product, or None. One statement."""
    return visible_kpis(user).select_related("product").filter(slug=slug).first()


def kpi_page(user: Actor, slug: str, *, period: Period, now: datetime, page: int = 1) -> KpiPage | None:
    """The page of one KPI, or None where there is no such KPI. A constant number of statements."""
    kpi = known_kpi(user, slug)
    series = one_series(user, slug, period=period, now=now) if kpi else None
    if kpi is None or series is None:
        return None
    readings = reading_page(kpi, breaks=series.breaks, page=page)
    today = local_day(now, kpi.product.time_zone)
    return KpiPage(
        series=series,
        product=kpi.product.name,
        type=kpi.product.type,
        family=kpi.get_family_display(),
        form_text=kpi.get_form_display(),
        worth_text=_worth(kpi),
        wordings=_wordings(series, today),
        readings=readings,
        effects=kpi_effects(user, kpi),
        push=None if readings.total else Push(_body(kpi, today), _token_of(user, kpi.product, now)),
        period=period.text,
        as_of=now,
    )


def _wordings(series: KpiSeries, today: date) -> tuple[Wording, ...]:
    """The versions, newest first, each with the last day for which it holds."""
    starts = [one.holds_from for one in series.definitions]
    current = max((start for start in starts if start <= today), default=None)
    found = []
    for one, following in zip_longest(series.definitions, starts[1:]):
        until = f" to {day_text(following - timedelta(days=1))}" if following else " on"
        found.append(Wording(f"from {day_text(one.holds_from)}{until}", one.wording, one.holds_from == current))
    return tuple(reversed(found))


def _worth(kpi: Kpi) -> str:
    """The smallest change worth having: relative for sums, in points for ratios and means."""
    if kpi.smallest_change_worth is None:
        return "not said"
    worth = float(kpi.smallest_change_worth)
    if kpi.form == Kpi.Form.SUM:
        return f"{number(worth * 100)}% of its level"
    if kpi.form == Kpi.Form.RATIO and kpi.unit == "%":
        return f"{number(worth * 100)} points"
    return amount(worth, form=kpi.form, unit=kpi.unit, currency=kpi.currency)


def _body(kpi: Kpi, today: date) -> str:
    """An example of a first push that this KPI takes, for yesterday."""
    values: dict[str, dict[str, Any]] = {
        Kpi.Form.SUM: {"value": 128},
        Kpi.Form.RATIO: {"numerator": 44, "denominator": 100, "n": 100},
        Kpi.Form.MEAN: {"value": 390, "n": 100},
    }
    reading = {"day": str(today - timedelta(days=1)), **values[kpi.form]}
    return json.dumps({"source": kpi.source or "my-pipeline", "readings": [reading]})


def _token_of(user: Actor, product: Product, now: datetime) -> str:
    """The name of the reader's newest token that may push readings of the product, or "". One statement."""
    if not isinstance(user, User):
        return ""
    owners = ProductTeam.objects.filter(product=product, period__contains=now.date()).values("team")
    mine = ApiToken.objects.filter(
        Q(product=product) | Q(team__in=owners),
        created_by=user,
        scopes__contains=[Scope.KPI_WRITE],
        revoked_at__isnull=True,
        expires_at__gt=now,
    )
    return mine.order_by("-created_at").values_list("name", flat=True).first() or ""
