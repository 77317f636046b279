"""Tells Halden's year: founds the company, then writes every fact through the services that clients use."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from feedback.models import Feedback
from feedback.services.feedback import NewFeedback, NewVoice, log_feedback_entries
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from pmtrack.demo import company, hearing, kpis, releases, usage
from pmtrack.demo.assessing import tell_assessments
from pmtrack.demo.cycle import tell_cycle
from pmtrack.demo.days import Calendar, calendar
from pmtrack.demo.deciding import name_the_next, tell_decisions
from pmtrack.demo.effects import TRUE_EFFECTS
from pmtrack.demo.enabling import tell_help
from pmtrack.demo.founding import Halden, found
from pmtrack.demo.naming import name_kpis, tell_events, tell_experiment
from pmtrack.demo.path import tell_path
from pmtrack.demo.recording import tell_record
from pmtrack.demo.series import Day, Shift, common_demand, draw, shift
from products.services.releases import NewReleaseEvent, ingest_release_events

SEED = 20_260
WAREHOUSE, DIRECTORY = "warehouse/nightly", "directory/weekly"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login of the demo company."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Told:
    """How much was written, by kind."""

    people: int
    products: int
    events: int
    readings: int
    usage: int
    feedback: int
    buckets: int


class StoryRefused(Exception):
    """A part of the story was not accepted by the service that it was sent to."""


def make_sign_ins() -> dict[str, SignIn]:
    """Random passwords for the few who can sign in, by their part in the story."""
    emails = {person.name: person.email for person in company.PEOPLE}
    return {part: SignIn(emails[name], secrets.token_urlsafe(12)) for part, name in company.SIGN_INS.items()}


def tell(*, now: datetime, sign_ins: Mapping[str, SignIn], seed: int = SEED) -> Told:
    """Write the whole company, its days ending yesterday, in one transaction; then bring the figures up to date."""
    today = now.astimezone(UTC).date()
    passwords = {company.SIGN_INS[part]: sign_in.password for part, sign_in in sign_ins.items()}
    year = calendar(today=today, length=company.HISTORY_DAYS)
    with transaction.atomic():
        halden = found(today=today, seed=seed, passwords=passwords)
        heard = _tell_feedback(halden, seed, now)
        keys = tell_cycle(halden, heard)
        readings = _tell_readings(halden, year, seed, now)
        tell_events(halden)
        _bring_up_to_date(now)  # what could be detected is said from the days before
        name_kpis(halden, keys)
        events = _tell_releases(halden, now, keys)
        tell_experiment(halden)
        tell_path(halden)
        weeks = _tell_usage(halden, seed, now)
        tell_help(halden, keys, now)
        tell_assessments(halden)
        tell_record(halden)
    buckets = _bring_up_to_date(now)
    name_the_next(halden)  # what could show at all is said from the days before
    buckets += _bring_up_to_date(now)
    return Told(len(halden.people), len(halden.products), events, readings, weeks, len(heard), buckets)


def _tell_releases(halden: Halden, now: datetime, keys: Mapping[str, str]) -> int:
    """``keys`` says what the features that the plans name are called here."""
    events = [
        NewReleaseEvent(
            source=event.source,
            event_id=event.event_id,
            product=halden.products[plan.product],
            version=plan.version,
            kind=event.step.kind,
            occurred_at=event.occurred_at,
            environment=event.step.environment,
            name=plan.name,
            url=event.url,
            features=tuple(keys.get(key, key) for key in plan.features),
        )
        for plan in releases.PLANS
        for event in releases.events(plan, today=halden.today, time_zone=halden.products[plan.product].time_zone)
    ]
    outcomes = ingest_release_events(events=events, now=now)
    refused = [
        (event, outcome) for event, outcome in zip(events, outcomes, strict=True) if isinstance(outcome, Exception)
    ]
    if refused:
        event, problem = refused[0]
        raise StoryRefused(f"{event.product.slug} {event.version} {event.kind}: {problem!r}")
    tell_decisions(halden)
    return len(events)


def _tell_readings(halden: Halden, year: Calendar, seed: int, now: datetime) -> int:
    demand, shifts = common_demand(seed, year), true_shifts(halden, year)
    told = 0
    for measure in kpis.MEASURES:
        days = draw(measure, seed=seed, calendar=year, demand=demand, shifts=shifts[measure.slug])
        if not days:
            continue  # nobody pushes this one yet, so it has no source either
        push_readings(
            kpi=halden.kpis[measure.slug], source=WAREHOUSE, readings=[_reading(day) for day in days], now=now
        )
        told += len(days)
    return told


def _reading(day: Day) -> NewReading:
    return NewReading(
        day=day.day, numerator=day.numerator, denominator=day.denominator, n=day.n, squares=day.squares, status="final"
    )


def true_shifts(halden: Halden, year: Calendar) -> dict[str, list[Shift]]:
    """The true effects of each KPI, placed on the days on which their releases were live."""
    plans = {(plan.product, plan.version): plan for plan in releases.PLANS}
    shifts = defaultdict(list)
    for effect in TRUE_EFFECTS:
        plan = plans[effect.product, effect.version]
        if plan.first_exposed is not None:
            exposed, rolled_back = halden.day(plan.first_exposed), halden.end(plan.taken_back)
            shifts[effect.kpi].append(shift(effect, calendar=year, exposed=exposed, rolled_back=rolled_back))
    return shifts


def _tell_usage(halden: Halden, seed: int, now: datetime) -> int:
    rows = [
        NewUsage(
            product=halden.products[week.product],
            team=halden.teams[week.team],
            week=week.week,
            active_users=week.active,
            eligible_users=week.eligible,
            actions=week.actions,
        )
        for week in usage.weeks(seed=seed, today=halden.today, length=company.HISTORY_DAYS)
    ]
    push_usage(rows=rows, source=DIRECTORY, now=now)
    return len(rows)


def _tell_feedback(halden: Halden, seed: int, now: datetime) -> list[tuple[hearing.Heard, Feedback]]:
    pms = {duty.person for duty in company.DUTIES}
    speakers = sorted(name for name, user in halden.people.items() if name not in pms and not user.is_admin)
    entries = hearing.heard(seed=seed, today=halden.today, colleagues=speakers)
    logged = [
        NewFeedback(
            text=entry.text,
            product=halden.products[entry.product] if entry.product else None,
            channel=entry.channel,
            logged_by=halden.people[entry.logged_by],
            received_at=entry.received_at,
            source=hearing.SOURCE,
            source_id=entry.source_id,
            voice=_voice(halden, entry),
            severity=entry.severity,
            sentiment=entry.sentiment,
        )
        for entry in entries
    ]
    told = []
    for entry, outcome in zip(entries, log_feedback_entries(entries=logged, now=now), strict=True):
        if isinstance(outcome, Exception):
            raise StoryRefused(f"feedback: {outcome!r}")
        told.append((entry, outcome.feedback))
    return told


def _voice(halden: Halden, entry: hearing.Heard) -> NewVoice:
    return NewVoice(
        colleague=halden.people[entry.colleague] if entry.colleague else None,
        account=halden.accounts[entry.account] if entry.account else None,
        via=halden.people[entry.via] if entry.via else None,
        people_affected=entry.people_affected,
        hours_lost_monthly=entry.hours_lost_monthly,
    )


def _bring_up_to_date(now: datetime) -> int:
    """Drain every mark that the facts left, so that the first page shows figures."""
    buckets = 0
    while (done := refresh(now=now).drained) > 0:
        buckets += done
    return buckets
