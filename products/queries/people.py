"""Everybody by name: teams, role today and the products they answer for. No figure, nothing to rank by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import is_password_usable
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import JSONObject, Lower

from products.access import Actor, is_known, readable_people
from products.models import Assignment, Membership, MembershipRole, User

PAGE_ROWS = 50
LONGEST_QUESTION = 80
MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is in a team today."""

    team: str
    word: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A product that somebody answers for today."""

    slug: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One colleague in the list. ``is_readable`` where the reader may open the record."""

    id: int
    name: str
    email: str
    is_admin: bool
    is_active: bool
    has_password: bool
    is_readable: bool
    roles: tuple[Role, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of people by name; ``total`` counts all that ``asked`` finds."""

    rows: tuple[PersonRow, ...]
    asked: str
    total: int
    page: int
    pages: int


def people_page(user: Actor, *, day: date, asked: str = "", page: int = 1, with_left: bool = False) -> PeoplePage:
    """People whose name, address or team of today holds the words ``asked``. One statement."""
    asked = asked.replace("\x00", "").strip()[:LONGEST_QUESTION]
    people = User.objects.all() if is_known(user) else User.objects.none()
    if not with_left:
        people = people.filter(is_active=True)
    found = list(
        _rows(_asked(people, asked, day), day, readable_people(user, day=day))[
            (page - 1) * PAGE_ROWS : page * PAGE_ROWS
        ]
    )
    total = found[0]["total"] if found else 0
    rows = tuple(_row(one) for one in found)
    return PeoplePage(rows, asked, total, page, max(1, -(-total // PAGE_ROWS)))


def colleagues_called(text: str) -> list[User]:
    """Those here with this mail address or, failing that, with this whole name; a handful at most."""
    text = text.replace("\x00", "").strip()
    here = User.objects.filter(is_active=True)
    return list(here.filter(email=text.lower())) or list(here.filter(name__iexact=text).order_by("pk")[:MOST_NAMESAKES])


def _asked(people: QuerySet[User], asked: str, day: date) -> QuerySet[User]:
    if not asked:
        return people
    teams = Membership.objects.filter(team__name__icontains=asked, period__contains=day).values("user")
    return people.filter(Q(name__icontains=asked) | Q(email__icontains=asked) | Q(pk__in=teams))


def _rows(people: QuerySet[User], day: date, readable: QuerySet[User]) -> Any:
    held = Membership.objects.filter(user=OuterRef("pk"), period__contains=day).order_by("team__name")
    duties = Assignment.objects.filter(user=OuterRef("pk"), period__contains=day).order_by("product__name")
    roles = JSONObject(team=F("team__name"), role=F("role"))
    products = JSONObject(slug=F("product__slug"), name=F("product__name"), type=F("product__type"))
    return (
        people.annotate(
            held=ArraySubquery(held.values(found=roles)),
            duties=ArraySubquery(duties.values(found=products)),
            readable=Exists(readable.filter(pk=OuterRef("pk"))),
            total=Window(Count("pk")),
        )
        .order_by(Lower("name"), "pk")
        .values("id", "name", "email", "is_admin", "is_active", "password", "readable", "held", "duties", "total")
    )


def _row(found: Mapping[str, Any]) -> PersonRow:
    return PersonRow(
        id=found["id"],
        name=found["name"],
        email=found["email"],
        is_admin=found["is_admin"],
        is_active=found["is_active"],
        has_password=is_password_usable(found["password"]),
        is_readable=found["readable"],
        roles=tuple(Role(one["team"], MembershipRole(one["role"]).label) for one in found["held"]),
        duties=tuple(Duty(**one) for one in found["duties"]),
    )
