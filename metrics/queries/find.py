"""Find or do: products, releases, KPIs, teams and people by likeness, keys such as R-123, and what may be done."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.contrib.postgres.search import TrigramWordDistance
from django.db import connection, transaction
from django.db.models import Expression, F, QuerySet
from django.utils.http import urlencode

from feedback.access import visible_diagnoses, visible_feedback
from metrics.access import visible_enablements, visible_kpis
from metrics.models import Enablement
from metrics.queries.actions import actions_of, address
from metrics.queries.enablement_rows import named
from metrics.queries.enabling_names import helper_name, work_name
from metrics.queries.scope import product_url
from products.access import Actor, is_known, visible_features, visible_products, visible_releases, visible_teams
from products.models import User
from products.models.releases import release_words

LONGEST = 100
# Word distance: 0 is a word of the name, 0.5 shares half of its letter groups. Far ones count only where nothing is near.
FARTHEST, NEAR = 0.5, 0.4
KEY = re.compile(r"(R|FB|W|D|E)-?([1-9][0-9]{0,17})", re.IGNORECASE)


class BadSearch(Exception):
    """Nothing can be looked for with these words; the message says why and what to write."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found; ``type`` is a product's "I" or "E", "" for what is none; ``far`` 0 (same) to 1."""

    label: str
    detail: str
    url: str
    type: str = ""
    far: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, the nearest first."""

    title: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave; ``close`` says that nothing fits and these are the nearest names."""

    words: str
    groups: tuple[Group, ...]
    close: bool = False

    @property
    def total(self) -> int:
        """How many hits there are in all groups."""
        return sum(len(group.hits) for group in self.groups)

    @property
    def text(self) -> str:
        """The outcome as a sentence, for the page and for screen readers."""
        if not self.total:
            return f"Nothing here is called “{self.words}”. Try a part of the name, a version, or a key such as R-123."
        count = f"{self.total} result{'' if self.total == 1 else 's'}"
        return f"Nothing is called “{self.words}”; {count} come close." if self.close else f"{count}."


def shown(given: str) -> str:
    """What was typed, on one line, without characters that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in given).split())


def read_words(given: str) -> str:
    """What to look for, on one line. Raises ``BadSearch``."""
    words = shown(given)
    if len(words) > LONGEST:
        raise BadSearch(f"That is more than {LONGEST} characters. Write a few words of the name.")
    if given and not any(sign.isalnum() for sign in words):
        raise BadSearch(
            "There is no letter or digit in that. Write a part of a name, a version, or a key such as R-123."
        )
    return words


def find(user: Actor, words: str, *, day: date, most: int = 5) -> Found:
    """What ``words`` (from ``read_words``) lead to, at most ``most`` of a kind; without words what may be done.

    A constant number of statements, each answered by one trigram index. Feedback is found by its key, not by its text.
    """
    if not is_known(user):
        return Found(words, ())
    done = _actions(user, words, day=day)
    if not words:
        return Found(words, (Group("Do", done),))
    named = [Group("Keys", _by_key(user, words)), *_by_name(user, words, most)]
    # One letter shares half of its groups with every word that begins with it, and that is what is meant.
    limit = NEAR if len(words) > 1 else FARTHEST
    near = any(hit.far <= limit for group in named for hit in group.hits)
    kept = [Group(group.title, tuple(hit for hit in group.hits if hit.far <= limit or not near)) for group in named]
    groups = tuple(group for group in (*kept, Group("Do", done[:most])) if group.hits)
    return Found(words, groups, close=not near and not done)


def _by_name(user: Actor, words: str, most: int) -> list[Group]:
    people = User.objects.filter(is_active=True) if address("people") else User.objects.none()
    kinds: tuple[tuple[str, QuerySet[Any], Expression | F, Any], ...] = (
        ("Products", visible_products(user), F("name"), _product),
        ("Features", visible_features(user).select_related("product"), F("title"), _feature),
        ("Releases", visible_releases(user).select_related("product"), release_words(), _release),
        ("KPIs", visible_kpis(user).select_related("product"), F("name"), _kpi),
        ("Teams", visible_teams(user), F("name"), _team),
        ("People", people, F("name"), _person),
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Only until the end of this transaction: pg_trgm is told of the limit, and the planner, who always takes a
            # search for a rare one, does not collect every name within the limit where the index gives the nearest first.
            cursor.execute(
                """SELECT set_config('pg_trgm.word_similarity_threshold', %s, TRUE),
                    set_config('enable_bitmapscan', 'off', TRUE)""",
                [str(1 - FARTHEST)],
            )
        return [Group(title, _nearest(rows, name, words, show, most)) for title, rows, name, show in kinds]


def _nearest(rows: QuerySet[Any], name: Expression | F, words: str, show: Any, most: int) -> tuple[Hit, ...]:
    """The rows whose ``name`` holds words like these; among equals the one that looks most alike."""
    near = rows.annotate(found_by=name).filter(found_by__trigram_word_similar=words)
    found = near.annotate(far=TrigramWordDistance(words, "found_by")).order_by("far")[: 2 * most]
    hits = [show(row, float(row.far)) for row in found]
    return tuple(sorted(hits, key=lambda hit: (round(hit.far, 2), -_alike(hit.label, words), hit.label))[:most])


def _alike(name: str, words: str) -> float:
    """1 for the same, 0 for nothing in common; a name that starts so stands before one that holds it."""
    starts = name.casefold().startswith(words.casefold())
    return starts + SequenceMatcher(None, name.casefold(), words.casefold()).ratio()


def _product(row: Any, far: float) -> Hit:
    detail = "internal product" if row.type == "I" else "external product"
    return Hit(row.name, detail, product_url(row.slug), row.type, far)


def _enablement(row: Enablement) -> Hit:
    label = f"{helper_name(row)} helped {work_name(row)}"
    return Hit(label, f"{row.key}, {row.get_state_display().lower()}", address("enablement", row.pk))


def _release(row: Any, far: float = 0.0) -> Hit:
    detail = ", ".join(part for part in (row.key, row.product.name, row.version if row.name else "") if part)
    own_page = address("release", row.key) or address("release", row.pk)
    return Hit(row.title, detail, own_page or f"{product_url(row.product.slug)}#{row.key}", row.product.type, far)


def _feature(row: Any, far: float = 0.0) -> Hit:
    detail = f"{row.key}, {row.product.name}, {row.get_stage_display().lower()}"
    return Hit(row.title, detail, address("feature", row.pk), row.product.type, far)


def _kpi(row: Any, far: float) -> Hit:
    url = address("kpi", row.slug) or f"{product_url(row.product.slug)}#{row.slug}"
    return Hit(row.name, f"KPI of {row.product.name}", url, row.product.type, far)


def _team(row: Any, far: float) -> Hit:
    return Hit(row.name, "team", f"{address('team_impact')}?{urlencode({'team': row.slug})}", "", far)


def _person(row: Any, far: float) -> Hit:
    return Hit(row.name, "colleague", f"{address('people')}?{urlencode({'q': row.name})}", "", far)


def _by_key(user: Actor, words: str) -> tuple[Hit, ...]:
    """The one release, feature, diagnosis or entry that a key names. One statement."""
    match = KEY.fullmatch(words)
    if match is None:
        return ()
    kind, number = match[1].upper(), int(match[2])
    if kind == "R":
        release = visible_releases(user).select_related("product").filter(pk=number).first()
        return (_release(release),) if release else ()
    if kind == "W":
        feature = visible_features(user).select_related("product").filter(pk=number).first()
        return (_feature(feature),) if feature else ()
    if kind == "E":
        said = named(visible_enablements(user)).filter(pk=number).first()
        return (_enablement(said),) if said else ()
    if kind == "D":
        diagnosis = visible_diagnoses(user).select_related("product").filter(pk=number).first()
        return (_about(diagnosis, "diagnosis", "diagnosis of"),) if diagnosis else ()
    entry = visible_feedback(user).select_related("product").filter(pk=number).first()
    return (_about(entry, "feedback_item", "feedback about"),) if entry else ()


def _about(row: Any, page: str, words: str) -> Hit:
    """An entry or a diagnosis, which have no name but their key."""
    product = row.product
    detail = f"{words} {product.name}" if product else "feedback, no product yet"
    return Hit(row.key, detail, address(page, row.pk), product.type if product else "")


def _actions(user: Actor, words: str, *, day: date) -> tuple[Hit, ...]:
    """What may be done, by the beginnings of its words."""
    wanted = words.casefold().split()
    return tuple(
        Hit(action.label, "", url)
        for action, url in actions_of(user, day=day)
        if _fits(wanted, f"{action.label} {action.words}".casefold().split())
    )


def _fits(wanted: Sequence[str], words: Iterable[str]) -> bool:
    """Whether every word that was typed begins one of ``words``, or looks much like it."""
    known = list(words)
    return all(any(word.startswith(typed) or _same(typed, word) for word in known) for typed in wanted)


def _same(typed: str, word: str) -> bool:
    return len(typed) > 3 and SequenceMatcher(None, typed, word[: len(typed) + 1]).ratio() > 0.79
