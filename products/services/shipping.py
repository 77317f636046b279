"""Plan a release, mark it live and roll it back from the browser: as events in the journal that clients write to, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from products.catalog.words import clock_on, listed
from products.models import EventKind, Product, Release, ReleaseState, User
from products.services.announcing import note_to_same_audience
from products.services.releases import EventConflict, NewReleaseEvent, ingest_release_event
from products.services.signoffs import ask_by_rule, function_text, open_sign_offs

SOURCE = "pmtrack"


class ShippingRefused(Exception):
    """Nothing was stored; the message says why."""


class VersionTaken(ShippingRefused):
    """The product has this version already."""


class NotThere(ShippingRefused):
    """A release is not where it would have to be: live twice, rolled back before it was live."""


class SignOffMissing(ShippingRefused):
    """A release for customers waits for its sign-offs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a PM says of a release. ``form`` is the form's own key: the same form sent twice plans once."""

    product: Product
    version: str
    name: str
    planned_for: datetime | None
    features: Sequence[str]
    form: str


@transaction.atomic
def plan_release(*, plan: Plan, by: User, now: datetime) -> Release:
    """Put a release on record, and ask its allies by rule. Raises ``VersionTaken``."""
    product = Product.objects.select_for_update(no_key=True).get(pk=plan.product.pk)
    event = NewReleaseEvent(
        SOURCE, f"plan-{plan.form}", product, plan.version, EventKind.PLANNED, now, product.production_environment,
        name=plan.name, features=tuple(plan.features), planned_for=plan.planned_for, payload={"by": by.pk},
    )  # fmt: skip
    taken = Release.objects.filter(
        product=product, environment=product.production_environment, version=plan.version
    ).first()
    if taken is not None and not taken.events.filter(source=SOURCE, event_id=event.event_id).exists():
        raise VersionTaken(f"{product.name} has a release {plan.version} already: {taken.key}. Choose another version.")
    if taken is not None:
        return taken
    return ingest_release_event(event=event, now=now, by=by).release


@transaction.atomic
def mark_live(*, release: Release, by: User, now: datetime) -> Release:
    """Say that users have it from now on. Raises ``NotThere`` and ``SignOffMissing``."""
    row = _held(release)
    if row.state == ReleaseState.LIVE and row.live_at is not None:
        raise NotThere(f"{row.key} is live since {_clock(row, row.live_at)} already. Nothing was changed.")
    ask_by_rule([row], now=now, by=by)
    if waiting := open_sign_offs(row):
        names = listed([function_text(one.function) for one in waiting])
        raise SignOffMissing(
            f"{row.key} waits for the sign-off of {names}. Ask again, or have a lead waive it with a reason."
        )
    return _tell(row, EventKind.EXPOSED, now, by)


@transaction.atomic
def roll_back(*, release: Release, by: User, now: datetime, note: str = "", tell: bool = False) -> Release:
    """Say that nobody has it any more; with ``tell`` the note goes to whom it was announced. It counts for and against nobody.

    Raises ``NotThere``, and ``EmptyAudience`` where nobody of them is here any more.
    """
    row = _held(release)
    if row.state == ReleaseState.ROLLED_BACK and row.rolled_back_at is not None:
        raise NotThere(f"{row.key} was rolled back {_clock(row, row.rolled_back_at)} already. Nothing was changed.")
    if row.state != ReleaseState.LIVE:
        raise NotThere(f"Nobody has {row.key} yet, so there is nothing to roll back.")
    after = _tell(row, EventKind.ROLLED_BACK, now, by, note=note)
    if tell:
        note_to_same_audience(release=after, note=note, by=by, now=now)
    return after


def _held(release: Release) -> Release:
    rows = Release.objects.select_for_update(of=("self",)).select_related("product")
    held: Release = rows.get(pk=release.pk)
    if held.environment != held.product.production_environment:
        raise NotThere(f"{held.key} is in {held.environment}; users have only what is in production.")
    return held


def _tell(row: Release, kind: EventKind, now: datetime, by: User, **said: str) -> Release:
    """One more event; its key counts those that the browser told before, which the lock on the release keeps apart."""
    place = row.events.filter(source=SOURCE).count()
    payload = {"by": by.pk, **{name: words for name, words in said.items() if words}}
    event = NewReleaseEvent(
        SOURCE, f"{row.key}-{kind}-{place}", row.product, row.version, kind, now, row.environment, payload=payload
    )
    try:
        return ingest_release_event(event=event, now=now, by=by).release
    except EventConflict:  # pragma: no cover - the lock keeps two from telling the same place
        raise NotThere(f"{row.key} was changed at the same moment. Look again.") from None


def _clock(row: Release, at: datetime) -> str:
    return clock_on(at, ZoneInfo(row.product.time_zone))
