"""The list of releases: newest first, each with its state, its product's clock and what happened to it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import DateField, DateTimeField, F, Func, QuerySet
from django.db.models.functions import Cast

from metrics.queries.release_words import effect_text, exposed_again_text, rolled_back_text
from metrics.queries.words import short_day
from products.access import Actor, visible_releases
from products.catalog.words import counted, in_words, sentence
from products.models import Release
from products.models.releases import release_time
from products.queries.releases import exposures_in_order

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class ReleaseFilter:
    """What the list is narrowed to; empty texts and None narrow nothing. Both days are inside."""

    product: str = ""
    type: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return any((self.product, self.type, self.state, self.since, self.until))


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release of the list. ``happened`` says its rollbacks and later exposures, the oldest first."""

    key: str
    title: str
    version: str
    product: str
    slug: str
    type: str
    environment: str
    state: str
    state_text: str
    live_on: date | None
    live_text: str
    time_zone: str
    happened: tuple[str, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class ReleaseList:
    """One page of the list: ``total`` counts all that fit the filters."""

    rows: tuple[ReleaseLine, ...]
    total: int
    page: int
    pages: int
    narrowed: bool

    @property
    def verdict(self) -> str:
        """What the list holds, in a sentence."""
        if not self.total:
            return "No release fits these filters." if self.narrowed else "No release event has arrived yet."
        fit = " that fit these filters" if self.narrowed else ""
        return f"{sentence(in_words(self.total, 'release'))}{fit}, newest first. No effect has been estimated yet."

    @property
    def total_text(self) -> str:
        """How many there are."""
        return counted(self.total, "release")


def release_list(user: Actor, wanted: ReleaseFilter, *, page: int = 1) -> ReleaseList:
    """One page of the releases that fit, by when they went live, or else were released or are planned.

    Three statements, however many releases.
    """
    rows = _fitting(visible_releases(user), wanted)
    total = rows.count()
    first = (page - 1) * PAGE_ROWS
    found = (
        rows.select_related("product")
        .prefetch_related(exposures_in_order())
        .order_by(F("at").desc(nulls_last=True), "-pk")[first : first + PAGE_ROWS]
    )
    pages = max(1, -(-total // PAGE_ROWS))
    return ReleaseList(tuple(_line(release) for release in found), total, page, pages, wanted.narrows)


def _fitting(releases: QuerySet[Release], wanted: ReleaseFilter) -> QuerySet[Release]:
    rows = releases.annotate(at=release_time())
    exact = {"product__slug": wanted.product, "product__type": wanted.type, "state": wanted.state}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if not (wanted.since or wanted.until):
        return rows
    clock = Func(F("product__time_zone"), F("at"), function="timezone", output_field=DateTimeField())
    rows = rows.annotate(day=Cast(clock, DateField()))
    if wanted.since:
        rows = rows.filter(day__gte=wanted.since)
    return rows.filter(day__lte=wanted.until) if wanted.until else rows


def _line(release: Release) -> ReleaseLine:
    product = release.product
    zone = ZoneInfo(product.time_zone)
    live_on = release.live_at.astimezone(zone).date() if release.live_at else None
    return ReleaseLine(
        key=release.key,
        title=release.title,
        version=release.version if release.name else "",
        product=product.name,
        slug=product.slug,
        type=product.type,
        environment=release.environment,
        state=release.state,
        state_text=release.get_state_display(),
        live_on=live_on,
        live_text=short_day(live_on) if live_on else _not_live_text(release, zone),
        time_zone=product.time_zone,
        happened=happened(release, zone),
        verdict=effect_text(release.state),
    )


def _not_live_text(release: Release, zone: ZoneInfo) -> str:
    """When a release that nobody has was released, or is planned for."""
    at: datetime | None = release.released_at or release.planned_for
    if at is None:
        return "no date"
    word = "released" if release.released_at else "planned for"
    return f"{word} {short_day(at.astimezone(zone).date())}"


def happened(release: Release, zone: ZoneInfo) -> tuple[str, ...]:
    """The rollbacks and later exposures of a release whose exposures are at hand in order, oldest first."""
    told: list[str] = []
    for number, span in enumerate(release.exposures.all()):
        if number:
            told.append(exposed_again_text(span.exposed_at, zone))
        if span.rolled_back_at:
            told.append(rolled_back_text(span.exposed_at, span.rolled_back_at, zone))
    if not told and release.rolled_back_at:
        told.append(f"taken back {short_day(release.rolled_back_at.astimezone(zone).date())} before users had it")
    return tuple(told)
