"""What a product's releases did, KPI by KPI and release by release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Q

from metrics.access import visible_estimates
from metrics.charts.expected import Overlay
from metrics.charts.series import Marker, SeriesPicture
from metrics.models import Estimate, EstimateWord, Kpi
from metrics.queries.effect_pictures import overlay_of
from metrics.queries.effects import Effect, effect_of, effects_of
from metrics.queries.kpi_values import KpiSeries
from metrics.queries.words import day_text
from products.access import Actor
from products.catalog.words import counted, in_words, listed
from products.models import Product

MOST_EFFECTS, MOST_NAMED = 200, 3
WEEKS_BEFORE, WEEKS_AFTER = timedelta(weeks=8), timedelta(weeks=4)
READ = {EstimateWord.CLEARLY, EstimateWord.PROBABLY, EstimateWord.NO_REAL_CHANGE, EstimateWord.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class KpiCard:
    """A KPI with the newest release that was read by it; ``overlay`` is that reading's window."""

    kpi: KpiSeries
    effect: Effect | None
    overlay: Overlay | None

    @property
    def picture(self) -> SeriesPicture:
        """The KPI's days; of one that was read those around its newest reading, whose release is drawn bold."""
        picture = self.kpi.picture
        if self.effect is None or self.overlay is None:
            return picture
        markers = tuple(Marker(one.day, one.label, one.day == self.effect.live_on) for one in picture.markers)
        return replace(_around(picture, self.overlay), overlay=self.overlay, markers=markers)


def _around(picture: SeriesPicture, overlay: Overlay) -> SeriesPicture:
    """The weeks around a window, so that its days can be told apart; everything where none of them is drawn."""
    if not overlay.days:
        return picture
    first, last = overlay.days[0].day - WEEKS_BEFORE, overlay.days[-1].day + WEEKS_AFTER
    points = tuple((day, value) for day, value in picture.points if first <= day <= last)
    if not any(value is not None for _, value in points):
        return picture
    return replace(
        picture,
        points=points,
        desc=f"The days from {day_text(points[0][0])} to {day_text(points[-1][0])}. {picture.desc}",
        breaks=tuple(day for day in picture.breaks if first <= day <= last),
        restated=tuple(day for day in picture.restated if first <= day <= last),
    )


def product_effects(user: Actor, product: Product) -> tuple[Effect, ...]:
    """What the newest releases of a product did, and what was done to its KPIs, the newest first. One statement."""
    mine = visible_estimates(user).filter(Q(product=product) | Q(release__product=product), is_preferred=True)
    return tuple(
        effect_of(row) for row in effects_of(user, mine).order_by("-live_on", "-release", "kpi")[:MOST_EFFECTS]
    )


def kpi_effects(user: Actor, kpi: Kpi) -> tuple[Effect, ...]:
    """What the newest releases that named a KPI did to it, the newest first. One statement."""
    mine = visible_estimates(user).filter(kpi=kpi, is_preferred=True)
    return tuple(effect_of(row) for row in effects_of(user, mine).order_by("-live_on", "-release")[:MOST_EFFECTS])


def cards_of(user: Actor, kpis: Sequence[KpiSeries], effects: Sequence[Effect]) -> tuple[KpiCard, ...]:
    """Each KPI with its newest reading: one with figures if there is any. One statement."""
    newest: dict[str, Effect] = {}
    for effect in sorted(effects, key=lambda one: (one.is_shown, one.live_on), reverse=True):
        newest.setdefault(effect.kpi, effect)
    overlays = _overlays(user, [newest[kpi.slug] for kpi in kpis if kpi.slug in newest])
    return tuple(KpiCard(kpi, newest.get(kpi.slug), overlays.get(kpi.slug)) for kpi in kpis)


def by_release(effects: Iterable[Effect]) -> Mapping[str, tuple[Effect, ...]]:
    """Each release's effects, the main KPI first."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        found[effect.release].append(effect)
    return {key: tuple(sorted(told, key=lambda one: (not one.is_main, one.kpi_name))) for key, told in found.items()}


def effects_title(effects: Sequence[Effect]) -> str:
    """How many were read and are clear, for a panel's head."""
    read = [one for one in effects if one.word in READ]
    if not read:
        return "none measured yet"
    clear = sum(one.word == EstimateWord.CLEARLY for one in read)
    return f"{clear} of {counted(len(read), 'effect')} {'is' if clear == 1 else 'are'} clear"


def effects_tail(effects: Sequence[Effect]) -> str:
    """What is clear, in a sentence of its own."""
    read = [one for one in effects if one.word in READ]
    if not read:
        return "No effect has been estimated yet." if not effects else "No effect could be read in full yet."
    told = []
    for kind, word in (("better", "better"), ("worse", "worse")):
        names = [f"{one.kpi_name} after {one.title}" for one in read if one.kind == kind][:MOST_NAMED]
        if names:
            told.append(f"Clearly {word}: {listed(names)}.")
    return " ".join(told) or f"Of {in_words(len(read), 'effect')} read, none is clear."


def _overlays(user: Actor, effects: Sequence[Effect]) -> dict[str, Overlay]:
    wanted = Q(pk__in=[])
    for effect in effects:
        if effect.is_shown and effect.basis == Estimate.Basis.PAST:
            wanted |= Q(release=int(effect.release.removeprefix("R-")), kpi__slug=effect.kpi, basis=Estimate.Basis.PAST)
    rows = visible_estimates(user).filter(wanted).select_related("kpi", "release__product")
    return {row.kpi.slug: overlay_of(row, effect_of(row)) for row in rows}
