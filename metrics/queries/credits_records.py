"""The records behind one enablement, in order of time: what was heard and diagnosed, what shipped, what was named and what was read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from feedback.access import visible_diagnoses
from feedback.queries.feature_behind import behind_feature
from metrics.access import visible_commitments
from metrics.models import Estimate
from metrics.queries.credits_facts import CreditFacts
from metrics.queries.effects import effect_of
from metrics.queries.enablement_rows import EnablementRow
from metrics.queries.words import instant_text
from products.access import Actor, visible_features, visible_releases
from products.models import Feature, Release, ReleaseEvent

LIVE = (ReleaseEvent.Kind.EXPOSED, ReleaseEvent.Kind.RELEASED)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: what it is, who made it and when; ``href`` is where it stands, "" where nowhere."""

    at: datetime
    who: str
    what: str
    words: str
    href: str

    @property
    def at_text(self) -> str:
        """When it was made."""
        return instant_text(self.at)


def records_of(user: Actor, row: EnablementRow, facts: CreditFacts) -> tuple[Record, ...]:
    """The records of both ends. Nine statements at most; whose voices were heard is counted, never named."""
    carriers = list(facts.releases_of(row))
    feature = visible_features(user).select_related("created_by").filter(pk=row.feature or 0).first()
    helping = list(visible_releases(user).filter(pk=row.release or 0))
    found = [
        *_shipped(helping, "the helping release"),
        *(_of_feature(user, feature) if feature else ()),
        *_shipped(carriers, "carries the helped work"),
        *_named(user, feature, carriers),
        *_read(reading for release in carriers for reading in facts.readings[release.pk]),
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def _of_feature(user: Actor, feature: Feature) -> Iterator[Record]:
    heard = behind_feature(user, feature)
    if heard.since is not None:
        yield Record(heard.since, "Feedback", "was heard first", heard.text, "")
    diagnosed = (
        visible_diagnoses(user).filter(features=feature, diagnosed_at__isnull=False).select_related("diagnosed_by")
    )
    for one in diagnosed.order_by("diagnosed_at"):
        if one.diagnosed_at is not None:
            yield Record(
                one.diagnosed_at, str(one.diagnosed_by), f"diagnosed {one.key}", one.trying_to, f"/diagnoses/{one.key}/"
            )
    by = str(feature.created_by)
    yield Record(feature.created_at, by, f"wrote down {feature.key}", feature.title, f"/features/{feature.key}/")


def _shipped(releases: Iterable[Release], what: str) -> Iterator[Record]:
    """When releases went live, as far as they did, and which client said so."""
    live = {one.pk: one for one in releases if one.live_at is not None}
    if not live:
        return
    events = ReleaseEvent.objects.filter(release__in=live, kind__in=LIVE).order_by("-occurred_at", "-pk")
    sources = dict(events.values_list("release_id", "source"))
    for pk, one in live.items():
        if one.live_at is not None:
            yield Record(
                one.live_at,
                f"{sources.get(pk, 'a client')}",
                f"sent that {one.key} is live",
                f"{one.title}: {what}",
                f"/releases/{one.key}/",
            )


def _named(user: Actor, feature: Feature | None, releases: Iterable[Release]) -> Iterator[Record]:
    about = Q(release__in=[one.pk for one in releases]) | Q(feature=feature.pk if feature else 0)
    standing = visible_commitments(user).filter(about, superseded_at__isnull=True)
    for one in standing.select_related("kpi", "declared_by", "feature", "release").order_by("declared_at", "pk"):
        subject = one.feature.key if one.feature else one.release.key if one.release else ""
        role = "main KPI" if one.is_main else "guardrail" if one.is_guardrail else "KPI"
        yield Record(
            one.declared_at,
            str(one.declared_by),
            f"named a {role} for {subject}",
            one.kpi.name,
            f"/kpis/{one.kpi.slug}/",
        )


def _read(readings: Iterable[Estimate]) -> Iterator[Record]:
    for reading in readings:
        effect = effect_of(reading)
        told = (
            f"{effect.kpi_name} {effect.change_text}, {effect.words.lower()}"
            if effect.is_shown
            else f"{effect.kpi_name}: {effect.words}"
        )
        yield Record(
            reading.computed_at,
            "pmtrack",
            f"read {effect.release}",
            told,
            f"/releases/{effect.release}/?kpi={effect.kpi}",
        )
