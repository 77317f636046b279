"""The sentence on top of a feature's page, by rule: where it stands and what it waits for."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from feedback.queries.feature_behind import Behind
from products.catalog.words import day_on, in_words, sentence
from products.models import DesignQuestion, Feature, FeatureStage, Intent

# What an intent suggests; the KPI itself is named before the release.
INTENT_HINTS: Mapping[str, str] = {
    Intent.EARNS: "A revenue KPI would show it.",
    Intent.DELIGHTS: "A satisfaction KPI would show it.",
    Intent.CLOSES_A_GAP: "Conversion or churn would show it.",
    Intent.ENABLES: "What others build on it would show it: reach, and the work that it helped.",
    Intent.OTHER: "Say what would show that it worked before it is released.",
}


class Out(Protocol):
    """What the sentence needs of a release that names the feature."""

    @property
    def key(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def when(self) -> str: ...


def feature_verdict(
    feature: Feature, behind: Behind, releases: Sequence[Out], waiting: Sequence[DesignQuestion], zone: ZoneInfo
) -> str:
    """Where the feature stands, since when, and what it waits for."""
    since = day_on(feature.stage_since, zone)
    match FeatureStage(feature.stage):
        case FeatureStage.DIAGNOSED:
            return _planned(feature, behind, releases)
        case FeatureStage.BUILDING:
            return f"It has been in building since {since}. {_waits_in_building(waiting)}"
        case FeatureStage.RELEASED:
            return _released(releases, since)
        case FeatureStage.MEASURED:
            return f"It has been measured since {since}."
    return f"It has been parked since {since}."


def _planned(feature: Feature, behind: Behind, releases: Sequence[Out]) -> str:
    live = next((one for one in releases if one.state == "live"), None)
    if behind.is_diagnosed or feature.waived_at:
        return "It may be built now; nobody has started yet." if live is None else _named(live)
    if live is not None:
        return f"{_named(live)} It has no diagnosis, so it stays here until one is linked or a lead waives it."
    if behind.diagnoses:
        return "Its diagnosis is a draft. Building can start when the first three questions are answered."
    return "It has no diagnosis, so it cannot enter building. Link one, or let a lead waive it with a reason."


def _named(release: Out) -> str:
    return f"{release.key} names it and has been live since {release.when}."


def _waits_in_building(waiting: Sequence[DesignQuestion]) -> str:
    if not waiting:
        return "No design question is open."
    names = sorted({one.asked.name for one in waiting})
    more = f" and {in_words(len(names) - 1, 'other')}" if len(names) > 1 else ""
    return f"{sentence(in_words(len(waiting), 'design question'))} to {names[0]}{more} {'waits' if len(waiting) == 1 else 'wait'} for an answer."


def _released(releases: Sequence[Out], since: str) -> str:
    live = [one for one in releases if one.state == "live"]
    if live:
        return f"Users have had it since {live[0].when}, with {live[0].key}. No effect has been estimated yet."
    gone = [one for one in releases if one.state == "rolled_back"]
    if gone:
        return f"It was released, but {gone[0].key} was rolled back on {gone[0].when}. Nobody has it now, so no effect is counted."
    return f"It was moved to released by hand on {since}. No live release names it, so its effect cannot be measured."
