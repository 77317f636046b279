"""What a release's page shows of its way to its users: sign-offs and stages for customers, and what may be done next."""

from dataclasses import dataclass
from datetime import date, datetime

from products.access import Actor, manageable_products, visible_releases
from products.models import ExposureStage, Release, ReleaseState
from products.queries.announcements import AnnouncementRow, announcements_of
from products.queries.signoffs import SignOffs, sign_offs_of


@dataclass(frozen=True, slots=True)
class Stage:
    """From ``day`` on ``percent`` of the users have it."""

    day: date
    percent: int
    day_text: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class ReleasePath:
    """``sign_offs`` is None for a product of colleagues. ``may_*`` are what the reader may do now."""

    key: str
    number: int
    sign_offs: SignOffs | None
    stages: tuple[Stage, ...]
    announcements: tuple[AnnouncementRow, ...]
    may_write: bool
    may_go_live: bool
    may_roll_back: bool

    @property
    def stage_text(self) -> str:
        """What users have today by the plan, as a finding."""
        if not self.stages:
            return "To everybody at once"
        over = [stage for stage in self.stages if stage.is_over]
        now = f"{over[-1].percent} % today" if over else "nobody today"
        return f"In {len(self.stages)} stages, {now}" if len(self.stages) > 1 else f"In one stage, {now}"


def release_path(user: Actor, number: int, *, now: datetime) -> ReleasePath | None:
    """The way of R-``number``, None where there is none. A constant number of statements."""
    release = visible_releases(user).select_related("product").filter(pk=number).first()
    if release is None:
        return None
    may = manageable_products(user, day=now.date()).filter(pk=release.product_id).exists()
    ours = release.environment == release.product.production_environment
    return ReleasePath(
        key=release.key,
        number=release.pk,
        sign_offs=sign_offs_of(user, release, now=now),
        announcements=announcements_of(user, release),
        stages=_stages(release, now.date()),
        may_write=may,
        may_go_live=may and ours and release.state != ReleaseState.LIVE,
        may_roll_back=may and ours and release.state == ReleaseState.LIVE,
    )


def _stages(release: Release, today: date) -> tuple[Stage, ...]:
    rows = ExposureStage.objects.filter(release=release).order_by("day")
    return tuple(Stage(row.day, row.percent, f"{row.day.day} {row.day:%b %Y}", row.day <= today) for row in rows)
