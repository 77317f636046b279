"""A person's review pack: what is frozen, and what a frozen one holds. One body, three forms: page, table and JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from metrics.access import visible_review_packs
from metrics.models import ReviewPack
from metrics.queries.contributions import ContributionRow
from metrics.queries.effect_lists import EffectList
from metrics.queries.enablement_rows import EnablementRow
from metrics.queries.periods import Period
from metrics.queries.person import PersonRecord, person_record
from metrics.queries.person_notes import pack_period
from metrics.queries.words import instant_text, short_day
from products.access import Actor
from products.models import User

FORMAT = "pmtrack review pack 1"
HEADER = ("part", "product", "item", "about", "day", "verdict", "change", "range_90", "says", "note")


@dataclass(frozen=True, slots=True)
class FrozenPack:
    """A pack as it was frozen. ``held`` is the body, read back; ``body`` its bytes as text, of which ``digest`` is the SHA-256."""

    number: int
    person: int
    name: str
    period: str
    made_text: str
    digest: str
    body: str
    held: dict[str, Any]


def pack_body(user: Actor, person: User, *, period: Period, now: datetime) -> str:
    """What a pack of these days says now, as JSON with sorted keys and a last newline."""
    record = person_record(user, person, period=period, now=now)
    held = {
        "format": FORMAT,
        "person": person.name,
        "frozen_at": now.isoformat(),
        "frozen_by": str(user),
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "line": record.line,
        "verdict": record.verdict,
        "roles": [_role(one) for one in record.work.duties],
        "releases": [_release(one) for one in record.work.shipped],
        "commitments": _effects(record.work.effects),
        "inherited_effects": _effects(record.work.inherited_effects),
        "enablements": _helps(record.work.benefits.table.rows if record.work.benefits else ()),
        "inherited_enablements": _helps(
            record.work.inherited_benefits.table.rows if record.work.inherited_benefits else ()
        ),
        "pace": _paces(record),
        "contributions": [_contribution(one) for one in record.contributions],
        "lead_notes": [asdict(one) for one in record.lead_notes],
    }
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def frozen_pack(user: Actor, person: User, number: int, *, day: date) -> FrozenPack | None:
    """A pack of the person, where the reader may read his record. One statement."""
    rows = visible_review_packs(user, day=day).filter(person=person, pk=number).select_related("person", "made_by")
    row = rows.first()
    return _frozen(row) if row else None


def pack_table(pack: FrozenPack) -> Iterator[Sequence[object]]:
    """The pack's rows under ``HEADER``, part by part."""
    for part in ("commitments", "inherited_effects"):
        for one in pack.held[part]:
            yield (
                part, one["product"], one["release"], one["kpi"], one["live_on"], one["verdict"], one["change"],
                one["range_90"], "named before" if one["named_before_release"] else "named after the release", one["window"],
            )  # fmt: skip
    for part in ("enablements", "inherited_enablements"):
        for one in pack.held[part]:
            yield (
                part,
                one["product"],
                one["helper"],
                one["work"],
                one["when"],
                one["state"],
                one["saved"],
                one["range"],
                one["says"],
                one["kind"],
            )
    for one in pack.held["contributions"]:
        yield ("contributions", "", one["what"], one["kind"], one["when"], one["grade"], "", "", one["who"], "")
    for one in pack.held["lead_notes"]:
        yield ("lead_notes", "", one["quarter"], "", one["at_text"], "", "", "", one["by"], one["text"])


def _frozen(row: ReviewPack) -> FrozenPack:
    return FrozenPack(
        number=row.pk,
        person=row.person_id,
        name=row.person.name,
        period=pack_period(row.since, row.until),
        made_text=f"{instant_text(row.made_at)} by {row.made_by.name}",
        digest=row.digest,
        body=row.body,
        held=json.loads(row.body),
    )


def _role(one: Any) -> dict[str, Any]:
    return {
        "product": one.name,
        "type": one.type,
        "from": one.start.isoformat(),
        "to": one.end.isoformat() if one.end else None,
    }


def _release(one: Any) -> dict[str, Any]:
    return {
        "release": one.key,
        "title": one.title,
        "product": one.product_name,
        "type": one.type,
        "live_on": one.live_on.isoformat(),
        "rolled_back": one.is_gone,
        "words": one.words,
    }


def _effects(effects: EffectList) -> list[dict[str, Any]]:
    """Each KPI that was named for a release with its verdict, whatever it is; figures only where they may be shown."""
    return [
        {
            "key": one.effect.release,
            "release": one.effect.title,
            "product": one.effect.product_name,
            "kpi": one.effect.kpi_name,
            "live_on": one.effect.live_on.isoformat(),
            "named_at": one.effect.named_at.isoformat(),
            "named_before_release": one.effect.is_named_before,
            "is_main": one.effect.is_main,
            "is_guardrail": one.effect.is_guardrail,
            "verdict": one.effect.words,
            "change": one.effect.change_text if one.effect.is_shown else "",
            "range_90": one.effect.range_text if one.effect.is_shown else "",
            "change_on_axis": list(_figures(one.effect)) if one.effect.is_shown else [],
            "window": one.effect.window_text,
            "holds_among_all": one.holds,
            "method": one.effect.method,
            "as_of": short_day(one.effect.as_of) if one.effect.as_of else "",
        }
        for one in effects.rows
    ]


def _figures(effect: Any) -> tuple[float, float, float]:
    """The change in per cent or points with the ends of its 90 % interval."""
    return (effect.figures.change, *effect.figures.change_90)


def _helps(rows: Sequence[EnablementRow]) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "helper": one.helper,
            "product": one.product,
            "work": one.work,
            "owner": one.owner,
            "kind": one.kind,
            "saved": one.saved,
            "range": one.saved_more,
            "state": one.state_text,
            "grade": one.grade,
            "says": one.who,
            "when": one.when,
        }
        for one in rows
    ]


def _paces(record: PersonRecord) -> list[dict[str, Any]]:
    return [
        {"product": one.product, "type": one.type, "text": one.text, "usual": one.usual_text, "n": len(one.days)}
        for one in record.paces
    ]


def _contribution(one: ContributionRow) -> dict[str, Any]:
    asked = [{"name": held.name, "answer": held.answer_text, "words": held.words} for held in one.asked]
    return {
        "key": one.key, "kind": one.kind, "what": one.what, "when": one.when, "grade": one.grade, "who": one.who, "asked": asked,
    }  # fmt: skip
