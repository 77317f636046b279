"""What one release did: every KPI that was named for it, and one of them in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import FloatField
from django.db.models.functions import Cast

from metrics.access import visible_estimates, visible_kpis, visible_rollups
from metrics.catalog.measures import kpi_measure
from metrics.charts.series import Marker as Flag
from metrics.models import Estimate, Kpi
from metrics.queries.effect_checks import Check, checks
from metrics.queries.effect_pictures import Cell, DayRow, Pictures, pictures_of, span_of
from metrics.queries.effect_sentences import chance_sentence, effect_sentence
from metrics.queries.effects import Effect, axis_labels, axis_of, effect_of
from metrics.queries.kpi_values import Marker
from metrics.queries.words import day_text, instant_text, number
from metrics.sources.context import Context, context_of
from products.access import Actor
from products.catalog.words import counted

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """One KPI of a release in full. ``effect`` is what lists show, ``past`` the reading from the KPI's own past, where both differ."""

    effect: Effect
    past: Effect | None
    plain: Effect | None
    sentence: str
    pictures: Pictures
    checks: tuple[Check, ...]
    controls: tuple[str, ...]
    time_zone: str

    @property
    def title(self) -> str:
        """The KPI with its unit, for the panel."""
        unit = self.effect.unit.currency or self.effect.unit.unit
        return f"{self.effect.kpi_name}, {unit}" if unit else self.effect.kpi_name

    @property
    def days_title(self) -> str:
        """How many days the table has."""
        return f"Show the {counted(len(self.pictures.days), self.effect.step)} as a table"

    @property
    def past_note(self) -> str:
        """What the picture of the past shows, and how much of it is independent."""
        assert self.pictures.past is not None, "said of a past that is drawn"  # noqa: S101
        figures = (self.past or self.effect).figures
        low, high = self.pictures.past.usual
        unit = "%" if self.effect.unit.is_relative else " points"
        separate = number(figures.df, 1) if figures else "few"
        return (
            f"One small dot: one date before. Shaded: the middle 90%, {number(low, 1)} to +{number(high, 1)}{unit}. "
            f"Dates overlap, so they count as {separate} separate ones."
        )

    @property
    def window_days(self) -> str:
        """``11 to 24 May 2026``: the days that were read."""
        if self.effect.window_start is None or self.effect.window_end is None:
            return "none yet"
        return f"{day_text(self.effect.window_start)} to {day_text(self.effect.window_end)}"

    @property
    def computed_text(self) -> str:
        """When the reading was computed."""
        return instant_text(self.effect.computed_at)


@dataclass(frozen=True, slots=True)
class ReleaseEffects:
    """All KPIs named for a release, the main one first, and one of them in full."""

    effects: tuple[Effect, ...]
    chosen: Reading
    note: str

    @property
    def title(self) -> str:
        """The table's finding."""
        if len(self.effects) == 1:
            return "The one KPI that was named"
        return f"All {counted(len(self.effects), 'KPI')} that were named, not only what moved"

    @property
    def summary(self) -> str:
        """Each KPI with its verdict, in one line."""
        return "; ".join(f"{one.kpi_name}: {one.short_words.lower()}" for one in self.effects)

    @property
    def domain(self) -> tuple[float, float]:
        """The axis that all rows share."""
        return axis_of(self.effects)

    @property
    def labels(self) -> tuple[tuple[float, str], ...]:
        """The axis' words."""
        return axis_labels(self.domain)


def release_effects(user: Actor, release: int, markers: Sequence[Marker], *, slug: str = "") -> ReleaseEffects | None:
    """What release R-``release`` did, with KPI ``slug`` (or the main one) in full; None where no KPI was named.

    ``markers`` are the product's releases. Five statements at most. An unknown ``slug`` means the main KPI.
    """
    rows = _rows(user, release)
    if not rows:
        return None
    preferred = sorted((row for row in rows if row.is_preferred), key=lambda row: (not row.is_main, row.kpi.name))
    effects = tuple(effect_of(row) for row in preferred)
    chosen = next((row for row in preferred if row.kpi.slug == slug), preferred[0])
    mine = {row.basis: row for row in rows if row.kpi_id == chosen.kpi_id}
    return ReleaseEffects(effects, _reading(user, mine, chosen, markers), chance_sentence(list(effects)))


def window_rows(user: Actor, release: int, slug: str) -> tuple[DayRow, ...] | None:
    """The stored days of one KPI's reading; None where it was not named. One statement."""
    rows = _rows(user, release, basis=Estimate.Basis.PAST, kpi__slug=slug)
    return pictures_of(effect_of(rows[0]), rows[0], (), (), ()).days if rows else None


def _rows(user: Actor, release: int, **wanted: Any) -> list[Estimate]:
    found = visible_estimates(user).filter(release=release, **wanted)
    return list(found.select_related("kpi__product", "release__product").order_by("kpi", "basis"))


def _reading(user: Actor, mine: dict[str, Estimate], chosen: Estimate, markers: Sequence[Marker]) -> Reading:
    row = mine[Estimate.Basis.PAST]
    past, effect = effect_of(row), effect_of(chosen)
    plain = effect_of(mine[Estimate.Basis.PLAIN]) if Estimate.Basis.PLAIN in mine else None
    first, last = span_of(past)
    cells, context = _cells(user, row.kpi, first, last), _context(row, first, last)
    flags = [Flag(one.day, one.title, one.key == effect.release) for one in markers if first <= one.day <= last]
    names = dict(visible_kpis(user).filter(pk__in=row.control_ids).values_list("pk", "name"))
    controls = tuple(names[pk] for pk in row.control_ids if pk in names)
    around = [one for one in context if past.window_start and past.window_end and _touches(one, past)]
    return Reading(
        effect=effect,
        past=past if chosen is not row else None,
        plain=plain,
        sentence=effect_sentence(effect, chosen),
        pictures=pictures_of(past, row, cells, flags, context),
        checks=checks(effect, row, plain=plain, controls=controls, context=around, worth=_worth(row.kpi)),
        controls=controls,
        time_zone=row.kpi.product.time_zone,
    )


def _touches(one: Context, past: Effect) -> bool:
    """Whether days lie in the weeks compared: the four before, and what came after."""
    since, until = past.window_start, past.window_end
    return (
        since is not None and until is not None and one.last.toordinal() > since.toordinal() - 29 and one.first <= until
    )


def _cells(user: Actor, kpi: Kpi, first: date, last: date) -> list[Cell]:
    rows = visible_rollups(user).filter(
        product=kpi.product_id, measure=kpi_measure(kpi.pk), day__gte=first, day__lte=last, is_partial=False
    )
    top, base = Cast("numerator", FloatField()), Cast("denominator", FloatField())
    return [Cell(*row) for row in rows.annotate(top=top, base=base).order_by("day").values_list("day", "top", "base")]


def _context(row: Estimate, first: date, last: date) -> tuple[Context, ...]:
    return context_of([row.product_id], first=first, last=last).get(row.product_id, ())


def _worth(kpi: Kpi) -> float | None:
    """The smallest change worth having, in per cent or points."""
    if kpi.smallest_change_worth is None:
        return None
    return float(kpi.smallest_change_worth) * (1 if kpi.form == "mean" else PERCENT)


__all__ = ["ReleaseEffects", "release_effects", "window_rows"]
