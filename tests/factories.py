"""Short ways to set a scene. Rows are written directly: the services are what the tests exercise."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from feedback.models import Account, Diagnosis, DiagnosisFeature, Feedback, Voice
from metrics.models import Commitment, CommitmentControl, ContextEvent, Kpi, Rollup
from products.models import (
    ApiToken,
    Assignment,
    Exposure,
    Feature,
    Membership,
    Product,
    ProductTeam,
    Release,
    Scope,
    Team,
    User,
)
from products.services.tokens import make_token as make_api_token

LONG_AGO = date(2020, 1, 1)
NUMBERS = count(1)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def since(start: date = LONG_AGO) -> DateRange:
    """An open-ended span of days."""
    return DateRange(start, None, "[)")


def make_user(name: str, **fields: Any) -> User:
    """A colleague without a password; tests sign in with ``force_login``."""
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@example.com")
    return User.objects.create(email=email, name=name, password="!", **fields)


def make_team(slug: str) -> Team:
    """A team named after its slug."""
    return Team.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())


def make_product(slug: str, type: str = "I", **fields: Any) -> Product:
    """A product; ``type`` is "I" or "E", and released_is_live follows it."""
    defaults = {"name": slug.replace("-", " ").capitalize(), "released_is_live": type == "I"}
    return Product.objects.create(slug=slug, type=type, **{**defaults, **fields})


def join(user: User, team: Team, role: str, *, start: date = LONG_AGO) -> Membership:
    """Put a person in a team."""
    return Membership.objects.create(user=user, team=team, role=role, period=since(start))


def own(team: Team, product: Product, *, start: date = LONG_AGO) -> ProductTeam:
    """Give a product to a team."""
    return ProductTeam.objects.create(team=team, product=product, period=since(start))


def assign(user: User, product: Product, role: str = "owner", *, start: date = LONG_AGO) -> Assignment:
    """Make a person the product's PM."""
    return Assignment.objects.create(user=user, product=product, role=role, period=since(start))


def make_kpi(product: Product, slug: str, form: str = "sum", **fields: Any) -> Kpi:
    """A KPI of ``form`` sum, ratio or mean."""
    defaults = {"name": slug.replace("-", " ").capitalize(), "family": "other", "direction": "up"}
    return Kpi.objects.create(product=product, slug=slug, form=form, **{**defaults, **fields})


def make_token(
    user: User,
    *,
    product: Product | None = None,
    team: Team | None = None,
    scopes: list[str] | None = None,
    now: datetime | None = None,
) -> str:
    """The secret of a new token, with every scope unless told."""
    made = make_api_token(
        name=f"test {next(NUMBERS)}",
        kind=ApiToken.Kind.CI,
        scopes=list(scopes or Scope.values),
        maker=user,
        product=product,
        team=team,
        now=now or datetime.now(UTC),
    )
    return made.secret


def make_entry(by: User, product: Product | None, text: str = "The wrong depot is offered.", **fields: Any) -> Feedback:
    """A stored entry of feedback without a voice; ``fields`` may move it in time or merge it."""
    key = {"source": "test", "source_id": f"entry-{next(NUMBERS)}", "fingerprint": "0" * 64}
    defaults = {"channel": "meeting", "received_at": NOW, "recorded_at": NOW, **key}
    return Feedback.objects.create(product=product, text=text, logged_by=by, **{**defaults, **fields})


def speak(
    entry: Feedback, *, colleague: User | None = None, account: Account | None = None, via: User | None = None
) -> Voice:
    """A voice behind an entry."""
    return Voice.objects.create(feedback=entry, colleague=colleague, account=account, via=via)


def make_account(reference: str, manager: User | None = None, **fields: Any) -> Account:
    """A customer named after its reference."""
    defaults = {"name": reference.replace("-", " ").capitalize(), "manager": manager}
    return Account.objects.create(reference=reference, **{**defaults, **fields})


def make_diagnosis(by: User, product: Product, *entries: Feedback, done: bool = True, **fields: Any) -> Diagnosis:
    """A diagnosis of ``entries`` with the first three questions answered, or a draft that answers one."""
    answers = {"trying_to": "Pick a saved address"}
    if done:
        answers |= {"in_the_way": "It offers the wrong depot", "known_from": "Watched two planners"}
    finished = {"diagnosed_by": by, "diagnosed_at": NOW} if done else {}
    given = {"started_by": by, "started_at": NOW, **answers, **finished, **fields}
    diagnosis = Diagnosis.objects.create(product=product, **given)
    Feedback.objects.filter(pk__in=[entry.pk for entry in entries]).update(diagnosis=diagnosis)
    return diagnosis


def make_feature(by: User, product: Product, diagnosis: Diagnosis | None = None, **fields: Any) -> Feature:
    """A feature, linked to ``diagnosis``; a ``stage`` past diagnosed needs one that is done."""
    stage = fields.pop("stage", Feature.Stage.DIAGNOSED)
    defaults = {"title": "Offer the right depot", "created_by": by, "created_at": NOW, "stage_since": NOW}
    feature = Feature.objects.create(product=product, **{**defaults, **fields})
    if diagnosis is not None:
        DiagnosisFeature.objects.create(diagnosis=diagnosis, feature=feature, linked_by=by, linked_at=NOW)
    if stage != Feature.Stage.DIAGNOSED:
        feature.stage = stage
        feature.save(update_fields=["stage"])
    return feature


def make_release(product: Product, version: str, *, live_at: datetime | None = None, **fields: Any) -> Release:
    """A release of the production environment, planned, or live since ``live_at``."""
    defaults = {"environment": product.production_environment, "state": "live" if live_at else "planned"}
    release = Release.objects.create(product=product, version=version, live_at=live_at, **{**defaults, **fields})
    if live_at is not None:
        Exposure.objects.create(release=release, exposed_at=live_at)
    return release


def expose(release: Release, at: datetime) -> Release:
    """Let users have a planned release."""
    release.state, release.live_at = "live", at
    release.save(update_fields=["state", "live_at"])
    Exposure.objects.create(release=release, exposed_at=at)
    return release


def make_commitment(by: User, subject: Feature | Release, kpi: Kpi, *controls: Kpi, **fields: Any) -> Commitment:
    """The first version of what ``subject`` is to do to ``kpi``: raise it, unless told."""
    of = {"feature": subject} if isinstance(subject, Feature) else {"release": subject}
    said = {"direction": "rise", "undetectable": "needs 168 days of history; has 0", "control_count": len(controls)}
    given = {"version": 1, "declared_by": by, "declared_at": NOW, **of, **said, **fields}
    commitment = Commitment.objects.create(kpi=kpi, **given)
    for place, control in enumerate(controls, start=1):
        CommitmentControl.objects.create(commitment=commitment, kpi=control, place=place)
    return commitment


def make_days(kpi: Kpi, until: date, values: Sequence[float], *, of: float = 0) -> None:
    """Whole days of a KPI up to before ``until``, as the drain leaves them; ``of`` is the denominator of each."""
    stride = 7 if kpi.cadence == "week" else 1
    first = until - timedelta(days=stride * len(values))
    Rollup.objects.bulk_create(
        Rollup(
            product_id=kpi.product_id,
            measure=f"kpi:{kpi.pk}",
            day=first + timedelta(days=stride * place),
            numerator=value,
            denominator=of,
        )
        for place, value in enumerate(values)
    )


def make_event(
    by: User, product: Product | None, first_day: date, last_day: date | None, **fields: Any
) -> ContextEvent:
    """A campaign of a product, or of the company where there is none."""
    said = {"name": "Summer campaign", "kind": "campaign", "noted_by": by, "noted_at": NOW}
    return ContextEvent.objects.create(product=product, first_day=first_day, last_day=last_day, **{**said, **fields})
