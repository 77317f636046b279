"""Which teams use an internal product, which stopped and since when, and whether usage still arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg

from metrics.access import visible_usage, visible_weekly_rollups
from metrics.catalog.measures import REACH_PEOPLE
from metrics.queries.levels import WEEK
from metrics.queries.words import short_day
from products.access import Actor
from products.catalog.words import counted, in_words, listed, sentence
from products.models import Product

# A holiday is no farewell: so many weeks in a row, each sent and each 0, make one.
STOPPED_AFTER = 4
LOOKS_BACK = WEEK * 104
RHYTHM_OF = 13
# Senders are given these days after their usual one before they are called late.
GRACE = timedelta(days=3)
ORDER = {"stopped": 0, "unknown": 1, "uses": 2, "never": 3}


@dataclass(frozen=True, slots=True)
class TeamReach:
    """One team in its newest week: ``state`` is uses, stopped, never or unknown (nothing is sent of it any more)."""

    slug: str
    name: str
    state: str
    state_text: str
    active: int
    eligible: int
    last_sent: date
    last_used: date | None
    stopped_since: date | None

    @property
    def last_used_text(self) -> str:
        """The last week in which it was used."""
        return f"week of {short_day(self.last_used)}" if self.last_used else "not in two years"


@dataclass(frozen=True, slots=True)
class Feed:
    """Whether usage still arrives: the days from one week sent to the next, as a rule, and the newest full week."""

    rhythm_days: int | None
    last_week: date | None
    is_stale: bool
    text: str


NO_FEED = Feed(None, None, False, "")


def feed_of(user: Actor, product: Product, *, today: date) -> Feed:
    """The rhythm in which usage came, and whether it stopped coming. One statement."""
    rows = visible_weekly_rollups(user).filter(product=product, measure=REACH_PEOPLE, week__lte=today - WEEK)
    weeks = list(rows.order_by("-week").values_list("week", flat=True)[:RHYTHM_OF])
    if not weeks:
        return NO_FEED
    gaps = [(later - earlier).days for later, earlier in pairwise(weeks)]
    rhythm = median_low(gaps) if gaps else WEEK.days
    # The week that was due next had to be over before it could be sent.
    stale = today - (weeks[0] + WEEK) > timedelta(days=rhythm) + GRACE
    return Feed(rhythm if gaps else None, weeks[0], stale, _stale_words(weeks[0], rhythm, bool(gaps)) if stale else "")


def _stale_words(last: date, rhythm: int, is_known: bool) -> str:
    weeks = round(rhythm / 7)
    usual = "every week" if weeks <= 1 else f"every {in_words(weeks, 'week')}"
    until_then = f"; until then it came {usual}" if is_known else ""
    return f"No usage was sent since the week of {short_day(last)}{until_then}. Nobody knows who uses it now."


def teams_of_product(user: Actor, product: Product, *, until: date) -> tuple[TeamReach, ...]:
    """Every team that usage was sent of in the two years of full weeks before ``until``, stopped ones first. One statement."""
    rows = visible_usage(user).filter(product=product, week__gt=until - LOOKS_BACK, week__lte=until - WEEK)
    grouped = rows.values("team__slug", "team__name").annotate(
        weeks=ArrayAgg("week", order_by="-week"),
        active=ArrayAgg("active_users", order_by="-week"),
        eligible=ArrayAgg("eligible_users", order_by="-week"),
    )
    found = list(grouped.order_by("team__name"))
    newest = max((row["weeks"][0] for row in found), default=None)
    return tuple(sorted((_team(dict(row), newest) for row in found), key=lambda one: (ORDER[one.state], one.name)))


def _team(row: dict[str, Any], newest: date | None) -> TeamReach:
    weeks: list[date] = row["weeks"]
    quiet = next((place for place, active in enumerate(row["active"]) if active), len(weeks))
    used = weeks[quiet] if quiet < len(weeks) else None
    stopped = weeks[quiet - 1] if used and quiet >= STOPPED_AFTER else None
    state, text = _state(weeks[0], newest, quiet, used, stopped)
    if state == "uses" and used and quiet and (weeks[0] - used) != WEEK * quiet:
        text = f"{text} that were sent"  # weeks in between are unknown, so the calendar's last ones are not spoken of
    return TeamReach(
        slug=row["team__slug"],
        name=row["team__name"],
        state=state,
        state_text=text,
        active=row["active"][0],
        eligible=row["eligible"][0],
        last_sent=weeks[0],
        last_used=used,
        stopped_since=stopped,
    )


def _state(sent: date, newest: date | None, quiet: int, used: date | None, stopped: date | None) -> tuple[str, str]:
    """A team's state, and the same in words."""
    if stopped:
        return "stopped", f"stopped: not once since the week of {short_day(stopped)}"
    if newest and sent < newest:
        return "unknown", f"no data: nothing was sent since the week of {short_day(sent)}"
    if used is None:
        return "never", "has not used it"
    return "uses", f"uses it, though not in the last {in_words(quiet, 'week')}" if quiet else "uses it"


def teams_title(teams: Sequence[TeamReach], *, is_stale: bool) -> str:
    """Who stopped, as the panel's finding; of a stale feed it is told as past."""
    if not teams:
        return "Teams: no full week was sent yet"
    stopped = [team.name for team in teams if team.state == "stopped"]
    use = sum(team.state == "uses" for team in teams)
    verb = "used it when usage was last sent" if is_stale else "uses it" if use == 1 else "use it"
    first = f"{counted(use, 'team')} {verb}"
    if not stopped:
        return f"{first}, no team stopped"
    return f"{first}, {in_words(len(stopped), 'team')} stopped: {sentence(listed(stopped))}"
