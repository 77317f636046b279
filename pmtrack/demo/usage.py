"""Who used the internal tools, team by team and week by week: Switchyard grows from 3 to 11 of 14 teams."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pmtrack.demo.company import OPENED, TEAMS
from pmtrack.demo.series import generator

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Takeup:
    """A team began to use a product ``ago`` days ago; in time the ``share`` of its people do, ``pace`` times a week.

    Nothing is sent of it any more from ``until`` days ago on; from ``stopped`` days ago on what is sent is 0.
    """

    product: str
    team: str
    ago: int
    share: float
    pace: float
    until: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """One product's use by one team in the week of the Monday ``week``."""

    product: str
    team: str
    week: date
    active: int
    eligible: int
    actions: int


TAKEUPS = (
    Takeup("switchyard", "platform", 900, 1.0, 9),
    Takeup("switchyard", "booking", 700, 0.92, 7),
    Takeup("switchyard", "data", 500, 0.8, 4),
    Takeup("switchyard", "carriers", 361, 0.9, 6),
    Takeup("switchyard", "operations", 338, 0.7, 3),
    Takeup("switchyard", "security", 300, 0.9, 3),
    Takeup("switchyard", "pricing", 287, 0.75, 4),
    Takeup("switchyard", "support", 222, 0.75, 3),
    Takeup("switchyard", "account-management", 150, 0.6, 2),
    Takeup("switchyard", "marketing", 84, 0.7, 2),
    Takeup("switchyard", "sales-north", 29, 0.5, 2),
    Takeup("rate-desk", "pricing", 900, 1.0, 42),
    Takeup("rate-desk", "sales-north", 800, 0.95, 28),
    Takeup("rate-desk", "sales-south", 240, 0.9, 25, stopped=52),
    Takeup("rate-desk", "account-management", 34, 0.4, 8),
    Takeup("dock-planner", "operations", 700, 0.95, 31, until=OPENED),
)
ELIGIBLE = {
    "switchyard": tuple(team.slug for team in TEAMS),
    "rate-desk": ("pricing", "sales-north", "sales-south", "account-management"),
    "dock-planner": ("operations",),
}
MONTHS_TO_SETTLE = 100  # days until most of a team's people have taken it up


def weeks(*, seed: int, today: date, length: int) -> Iterator[Week]:
    """Every full week of the last ``length`` days, for every team that could use each internal product."""
    sizes = {team.slug: team.size for team in TEAMS}
    last = today - timedelta(days=today.weekday()) - WEEK
    mondays = [last - WEEK * back for back in range(length // 7, -1, -1)]
    takeups = {(one.product, one.team): one for one in TAKEUPS}
    random = generator(seed, "usage")
    for product, teams in ELIGIBLE.items():
        for team in teams:
            takeup = takeups.get((product, team))
            for monday in mondays:
                if takeup is not None and (today - monday).days <= takeup.until:
                    continue
                share = 0.0 if takeup is None else _share(takeup, age=(monday - today).days + takeup.ago)
                if takeup is not None and (today - monday).days < takeup.stopped:
                    share = 0.0
                active = int(random.binomial(sizes[team], share))
                if share and not active:
                    active = 1  # whoever brought it into the team uses it
                actions = int(random.poisson(active * takeup.pace)) if takeup and active else 0
                yield Week(product, team, monday, active, sizes[team], actions)


def _share(takeup: Takeup, *, age: int) -> float:
    """The share of a team that uses it ``age`` days after it began: none before, a fifth at once, then the rest."""
    if age < 0:
        return 0.0
    return takeup.share * min(1.0, 0.2 + 0.8 * age / MONTHS_TO_SETTLE)
