"""Who may have said it: colleagues by name and team, and customers through one of ours. For the field "From"."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramWordDistance
from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from feedback.access import visible_accounts
from feedback.models import Account, Voice
from products.access import Actor, is_known
from products.models import Membership, User

FARTHEST = 0.6


@dataclass(frozen=True, slots=True)
class Source:
    """One who may have spoken. ``value`` names it in a form ("c-12" a colleague, "a-3" an account)."""

    value: str
    name: str
    detail: str
    via: int | None = None
    via_name: str = ""
    consent: str = ""

    @property
    def label(self) -> str:
        """What the field shows: "Brenner Logistik via Petra Holm"."""
        return f"{self.name} via {self.via_name}" if self.via_name else self.name


@dataclass(frozen=True, slots=True)
class Sources:
    """Those whose names fit, the nearest first."""

    colleagues: tuple[Source, ...]
    customers: tuple[Source, ...]

    @property
    def all(self) -> tuple[Source, ...]:
        """Both groups."""
        return self.colleagues + self.customers


def sources(user: Actor, words: str, *, day: date, most: int = 5) -> Sources:
    """Colleagues and the customers that ``user`` may know whose names hold ``words``. Four statements."""
    words = " ".join(words.replace("\x00", " ").split())[:100]
    if not words or not is_known(user):
        return Sources((), ())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, TRUE)", [str(1 - FARTHEST)])
        people = _near(_colleagues(day), words)[:most]
        accounts = _near(_accounts(user, day), words)[:most]
        return Sources(tuple(map(_colleague, people)), tuple(map(_customer, accounts)))


def source_of(user: Actor, value: str, *, day: date) -> Source | None:
    """The one that a form names, or None where there is none that ``user`` may know. One statement."""
    kind, _, number = value.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19) or not is_known(user):
        return None
    if kind == "c":
        person = _colleagues(day).filter(pk=int(number)).first()
        return _colleague(person) if person else None
    account = _accounts(user, day).filter(pk=int(number)).first() if kind == "a" else None
    return _customer(account) if account else None


def _colleagues(day: date) -> QuerySet[Any]:
    """Those who are here, with the team they are in."""
    team = Membership.objects.filter(user=OuterRef("pk"), period__contains=day).order_by("pk").values("team__name")[:1]
    return User.objects.filter(is_active=True).annotate(team=Subquery(team))


def _accounts(user: Actor, day: date) -> QuerySet[Any]:
    """Those ``user`` may know, with the one through whom they spoke last."""
    last = Voice.objects.filter(account=OuterRef("pk"), via__isnull=False).order_by("-pk")
    known = Account.objects.filter(pk__in=visible_accounts(user, day=day).values("pk"))
    return known.select_related("manager").annotate(
        last_via=Subquery(last.values("via")[:1]), last_via_name=Subquery(last.values("via__name")[:1])
    )


def _near(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Rows whose name begins with ``words`` in any of its words, or looks like them; the nearest first."""
    fits = Q(name__istartswith=words) | Q(name__icontains=f" {words}") | Q(name__trigram_word_similar=words)
    near: QuerySet[Any] = rows.filter(fits).annotate(far=TrigramWordDistance(words, "name"))
    return near.order_by("far", "name", "pk")


def _colleague(row: Any) -> Source:
    return Source(f"c-{row.pk}", row.name, row.team or "no team")


def _customer(row: Any) -> Source:
    via, name = (
        (row.last_via, row.last_via_name) if row.last_via else (row.manager_id, row.manager and row.manager.name)
    )
    return Source(f"a-{row.pk}", row.name, row.segment or "customer", via, name or "", row.consent)
