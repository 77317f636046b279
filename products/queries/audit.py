"""The audit for administrators, and for each person what is written about himself."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Q, QuerySet

from products.access import visible_audit
from products.models import ApiToken, AuditEntry, Membership, User
from products.queries.audit_words import AuditRow, in_words, span_in_words

PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show: entries whose actor or concerned person ``who`` names, of one topic, on the days ``[since, until]`` in UTC."""

    who: str = ""
    topic: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; ``older`` is where the next page starts, None at the end."""

    rows: tuple[AuditRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """Something a person holds or held: a role or a token, and for which days."""

    what: str
    when: str


@dataclass(frozen=True, slots=True)
class AboutMe:
    """What pmtrack has written about one person."""

    roles: tuple[Held, ...]
    tokens: tuple[Held, ...]
    page: AuditPage


def audit_page(user: User, *, wanted: AuditFilter) -> AuditPage:
    """One page of the audit; empty for whoever may not read it. One statement."""
    found = visible_audit(user)
    if wanted.who:
        people = User.objects.filter(Q(name__icontains=wanted.who) | Q(email__iexact=wanted.who)).values("pk")
        found = found.filter(Q(actor__in=people) | Q(concerned__in=people))
    if wanted.topic:
        found = found.filter(topic=wanted.topic)
    if wanted.since:
        found = found.filter(at__gte=datetime.combine(wanted.since, time.min, tzinfo=UTC))
    if wanted.until:
        found = found.filter(at__lte=datetime.combine(wanted.until, time.max, tzinfo=UTC))
    return _page(found, before=wanted.before)


def about_me(user: User, *, now: datetime, before: int | None = None) -> AboutMe:
    """The person's own roles, tokens and entries: what he did and what was done to him. Five statements."""
    entries = AuditEntry.objects.filter(Q(actor=user) | Q(concerned=user))
    tokens = user.tokens.select_related("product", "team").order_by("-pk")
    return AboutMe(_roles(user), tuple(_token(one, now=now) for one in tokens), _page(entries, before=before))


def _page(entries: QuerySet[AuditEntry], *, before: int | None) -> AuditPage:
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries.select_related("actor", "concerned", "token").order_by("-pk")[: PAGE_ROWS + 1])
    rows = tuple(in_words(entry) for entry in found[:PAGE_ROWS])
    return AuditPage(rows, rows[-1].id if len(found) > PAGE_ROWS else None)


def _roles(user: User) -> tuple[Held, ...]:
    memberships: QuerySet[Membership] = user.memberships.select_related("team")
    held = [(one.period, f"{one.get_role_display()} in {one.team}") for one in memberships]
    assignments = user.assignments.select_related("product")
    held += [(one.period, f"PM ({one.get_role_display().lower()}) of {one.product}") for one in assignments]
    alliances = user.alliances.select_related("product")
    held += [(one.period, f"{one.get_function_display()} for {one.product}") for one in alliances]
    newest_first = sorted(held, key=lambda pair: (pair[0].lower or date.min, pair[1]), reverse=True)
    return tuple(Held(what, span_in_words(f"[{span.lower or ''},{span.upper or ''})")) for span, what in newest_first)


def _token(token: ApiToken, *, now: datetime) -> Held:
    used = f"last used on {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
    if token.revoked_at:
        state = f"revoked on {token.revoked_at:%Y-%m-%d}"
    else:
        state = f"{'expired' if token.expires_at <= now else 'holds until'} {token.expires_at:%Y-%m-%d}"
    return Held(f"{token.name} for {token.product or token.team}: {', '.join(token.scopes)}", f"{state}, {used}")
