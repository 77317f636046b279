"""People to tell of a release: each voice behind it once, through whom, and whether they say that it is solved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from feedback.access import can_work_on
from feedback.catalog.wording import day_of, releasing_message
from feedback.models import DiagnosisFeature, Feedback, FeedbackQuerySet, ReleaseTelling, Solved
from feedback.queries.speakers import Speaker, Speakers, speakers
from feedback.queries.telling import way_to
from products.access import Actor
from products.catalog.words import counted
from products.models import Release, ReleaseState, User
from products.queries.features import FEATURE_KEY

ANSWERS = (Solved.YES, Solved.PARTLY, Solved.NO)


@dataclass(frozen=True, slots=True)
class ToTell:
    """Somebody who spoke. ``to`` gets the message, "" where nobody may be told; ``telling`` is 0 until they were."""

    voice: int
    name: str
    to: str
    how: str
    message: str
    told_text: str
    telling: int
    solved: str
    solved_text: str


@dataclass(frozen=True, slots=True)
class PeopleToTell:
    """Everybody behind a release. ``hidden`` customers are counted, never named."""

    rows: tuple[ToTell, ...]
    total: int
    told: int
    hidden: int
    answers: Mapping[str, int]
    is_live: bool
    may_tell: bool

    @property
    def title(self) -> str:
        """``3 of 5 told, 2 solved, 1 partly``."""
        if not self.total:
            return "Nobody to tell"
        said = [f"{count} {name.lower()}" for name, count in self.answers.items() if count]
        return ", ".join([f"{self.told} of {self.total} told", *said])

    @property
    def hidden_text(self) -> str:
        """How many customers the reader may not know; "" for none."""
        return f"{counted(self.hidden, 'customer')} that you may not know of" if self.hidden else ""


def behind_release(release: Release) -> FeedbackQuerySet:
    """The entries behind a release: of its features' diagnoses, with those merged into them. Two statements."""
    features = [int(found[1]) for key in release.feature_keys if (found := FEATURE_KEY.fullmatch(key))]
    links = DiagnosisFeature.objects.filter(feature__in=features, feature__product=release.product_id)
    diagnoses = [row["diagnosis"] for row in links.values("diagnosis")] if features else []
    own = Feedback.objects.filter(diagnosis__in=diagnoses).values("pk")
    merged = Feedback.objects.filter(merged_into__diagnosis__in=diagnoses).values("pk")
    keys = [row["pk"] for row in own.union(merged)] if diagnoses else []
    return Feedback.objects.filter(pk__in=keys, withdrawn_at__isnull=True)


def people_to_tell(user: Actor, release: Release, *, day: date) -> PeopleToTell:
    """Whom to tell of R-…; the voices that the reader may know by name. A constant number of statements."""
    who = speakers(user, behind_release(release), day=day)
    tellings = ReleaseTelling.objects.filter(release=release).select_related("told_by")
    told = {(row.colleague_id, row.account_id): row for row in tellings}
    writer = user.name if isinstance(user, User) else ""
    rows = tuple(_row(release, one, told.get((one.colleague, one.account)), writer) for one in who.known)
    return _summed(release, who, rows, told, may=can_work_on(user, release.product, day=day))


def loops_by_type(*, since: datetime) -> dict[str, str]:
    """What those say who were told since then, for each type of product; never added up. One statement."""
    counts = {f"said_{one.value}": Count("pk", filter=Q(solved=one.value)) for one in ANSWERS}
    rows = ReleaseTelling.objects.filter(told_at__gte=since).values("release__product__type")
    found: Any = rows.annotate(told=Count("pk"), **counts).order_by("release__product__type")
    return {
        row[
            "release__product__type"
        ]: f"{row['told']} told: {row['said_solved']} solved, {row['said_partly']} partly, {row['said_not']} not"
        for row in found
    }


def _summed(
    release: Release,
    who: Speakers,
    rows: tuple[ToTell, ...],
    told: Mapping[tuple[int | None, int | None], ReleaseTelling],
    *,
    may: bool,
) -> PeopleToTell:
    answers = {str(one.label): sum(row.solved == one for row in told.values()) for one in ANSWERS}
    live = release.state == ReleaseState.LIVE
    return PeopleToTell(rows, max(who.total, len(told)), len(told), who.hidden, answers, live, may)


def _row(release: Release, one: Speaker, told: ReleaseTelling | None, by: str) -> ToTell:
    to, how = way_to(one)
    message = releasing_message(
        to=to, by=by, title=release.title, quote=one.said, account=one.name if one.account is not None else "",
        product=release.product.name,
    )  # fmt: skip
    words = f": {told.words}" if told and told.words else ""
    return ToTell(
        voice=one.voice,
        name=one.name,
        to=to,
        how=how,
        message=message if to else "",
        told_text=f"told by {told.told_by.name} on {day_of(told.told_at)}" if told else "",
        telling=told.pk if told else 0,
        solved=told.solved if told else "",
        solved_text=f"{Solved(told.solved).label}{words}" if told and told.solved else "",
    )
