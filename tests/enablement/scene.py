"""A release of Switchyard that went live, a feature of Checkout that it may have helped, and short ways to say so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.models import Enablement, EnablementKind
from metrics.queries.answerers import Work
from metrics.services.answers import Answer, Verdict
from metrics.services.enablement_steps import HelpFigures
from metrics.services.enablements import Help, claim
from metrics.services.usage import NewUsage, push_usage
from products.models import Feature, Product, Release, Team, User
from tests.conftest import Cast
from tests.factories import NOW, make_feature

LIVE = NOW - timedelta(days=60)


def make_release(product: Product, name: str, *, live: datetime | None = LIVE, **fields: Any) -> Release:
    """A release that is live since ``live``; nobody has it where that is None."""
    state = "live" if live else "planned"
    defaults = {"environment": "production", "version": f"{product.slug}-{name}", "state": state, "live_at": live}
    return Release.objects.create(product=product, name=name, **{**defaults, **fields})


@dataclass(frozen=True, slots=True)
class Scene:
    """Staged rollout of Switchyard (Paula's) and Bulk booking of Checkout (Emil's)."""

    cast: Cast
    release: Release
    feature: Feature

    def help(self, **changed: Any) -> Help:
        """Staged rollout made Bulk booking faster by 4 to 9 days."""
        told = {
            "product": self.cast.switchyard,
            "release": self.release,
            "work": Work(self.feature, "", self.cast.checkout),
            "figures": figures("accelerated", 4, 9),
            "statement": "Rolled out by country without us.",
            **changed,
        }
        return Help(**told)

    def claim(self, *, asked: User | None = None, now: datetime = NOW, **changed: Any) -> Enablement:
        """Paula claims it; Emil is asked unless another is named."""
        return claim(help=self.help(**changed), asked=asked, by=self.cast.paula, now=now).enablement


def set_scene(cast: Cast) -> Scene:
    """Both ends, in place."""
    feature = make_feature(cast.emil, cast.checkout, title="Bulk booking")
    return Scene(cast, make_release(cast.switchyard, "Staged rollout"), feature)


def figures(kind: str, low: float | None = None, high: float | None = None) -> HelpFigures:
    """Figures from plain numbers."""
    return HelpFigures(
        EnablementKind(kind),
        None if low is None else Decimal(str(low)),
        None if high is None else Decimal(str(high)),
    )


def answer(verdict: str, low: float | None = None, high: float | None = None, words: str = "") -> Answer:
    """An answer from plain words and numbers."""
    kind = verdict if verdict in EnablementKind.values else "accelerated"
    return Answer(Verdict(verdict), figures(kind, low, high), words)


def use(product: Product, team: Team, weeks: dict[date, tuple[int, int]], now: datetime = NOW) -> None:
    """Push (active, eligible) users of a team by the week's Monday."""
    rows = [NewUsage(product, team, week, active, eligible, 0) for week, (active, eligible) in weeks.items()]
    push_usage(rows=rows, source="logs", now=now)
