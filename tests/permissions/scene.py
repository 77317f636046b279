"""What each route is asked about, and what is sent: enough for the permitted ones to get through."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from feedback.forms import new_draft
from feedback.services.feedback import NewVoice, log_feedback
from metrics.models import Kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.uploads import keep_upload
from metrics.sheets.files import SheetText
from products.models import Ally, ApiToken, Membership, ProductTeam, Release
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, make_token, own, since
from tests.metrics.uploads import MIXED

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """The objects in the address, the query behind it and what a writing verb sends."""

    place: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    send: Any = None


def set_scene(cast: Cast) -> dict[str, Asked]:
    """One of everything on Checkout, and what each route is asked about it, by route name."""
    now = datetime.now(UTC)
    own(cast.booking, make_product("ledger", "I"))
    kpi = make_kpi(cast.checkout, "revenue", currency="EUR")
    push_readings(
        kpi=kpi, source="erp", readings=[NewReading(day=now.date() - timedelta(days=3), numerator=5)], now=now
    )
    event = NewReleaseEvent("ci", "1", cast.checkout, "1.0", "exposed", now - timedelta(days=2))
    release = ingest_release_event(event=event, now=now).release
    log_feedback(
        text="The form forgets the address.", product=cast.checkout, channel="chat", logged_by=cast.emil,
        received_at=now, source="app", source_id="1", voice=NewVoice(colleague=cast.otto), now=now,
    )  # fmt: skip
    return {**_pages(now, release), **_settings(cast, kpi), **_api(now.date(), now, release), **_admin(cast, kpi.pk)}


def _pages(now: datetime, release: Release) -> dict[str, Asked]:
    kpi = {"slug": "revenue"}
    return {
        "find": Asked(query="q=checkout"),
        "find_options": Asked(query="q=checkout"),
        "kpi": Asked(kpi),
        "kpi_readings_csv": Asked(kpi),
        "release": Asked({"number": release.pk}),
        "team_impact": Asked(query="team=booking"),
        "product": Asked({"slug": "checkout"}),
        "new_feedback": Asked(
            send={"text": "The total is hidden.", "product": "checkout", "draft": new_draft(now=now)}
        ),
        "account_login": Asked(send={"login": "nobody@example.com", "password": "wrong"}),
    }


def _settings(cast: Cast, kpi: Kpi) -> dict[str, Asked]:
    product, team, measure = {"slug": "checkout"}, {"slug": "booking"}, {"slug": kpi.slug}
    person, token = {"number": cast.otto.pk}, {"number": _token(cast)}
    ally = Ally.objects.create(product=cast.checkout, user=cast.otto, function="legal", period=since())
    upload = {**measure, "number": _upload(cast, kpi)}
    return {
        "settings_product": Asked(product),
        "settings_product_facts": Asked(product),
        "settings_transfer": Asked(product),
        "settings_new_pm": Asked(product),
        "settings_pm": Asked({**product, "number": cast.checkout.assignments.get().pk}),
        "settings_new_ally": Asked(product),
        "settings_ally": Asked({**product, "number": ally.pk}),
        "settings_team": Asked(team),
        "settings_team_name": Asked(team),
        "settings_new_role": Asked(team),
        "settings_role": Asked({**team, "number": cast.booking.memberships.earliest("pk").pk}),
        "settings_person": Asked(person),
        "settings_left": Asked(person),
        "settings_back": Asked(person),
        "settings_kpi": Asked(measure),
        "settings_kpi_facts": Asked(measure),
        "settings_kpi_wording": Asked(measure),
        "roll_token": Asked(token),
        "revoke_token": Asked(token),
        "kpi_upload": Asked(measure),
        "kpi_upload_check": Asked(upload),
        "kpi_upload_refused": Asked(upload),
    }


def _token(cast: Cast) -> int:
    make_token(cast.emil, product=cast.checkout)
    return ApiToken.objects.latest("pk").pk


def _upload(cast: Cast, kpi: Kpi) -> int:
    sheet = SheetText(MIXED.decode(), "utf-8")
    return keep_upload(kpi=kpi, owner=cast.emil, name="mixed.csv", sheet=sheet, now=datetime.now(UTC)).pk


def _api(today: date, now: datetime, release: Release) -> dict[str, Asked]:
    event = {
        "source": "ci", "event_id": "2", "product": "checkout", "version": "2.0", "kind": "released",
        "occurred_at": now.isoformat(),
    }  # fmt: skip
    said = {
        "source": "crm", "source_id": "2", "text": "Too slow.", "product": "checkout", "received_at": now.isoformat()
    }  # fmt: skip
    week = today - timedelta(days=today.weekday() + 7)
    used = {"product": "ledger", "team": "platform", "week": str(week), "active_users": 1, "eligible_users": 2}
    kpi = {"slug": "revenue"}
    return {
        "api_release_events": Asked(send=event),
        "api_release_events_batch": Asked(send={"events": [event]}),
        "api_release": Asked({"number": release.pk}),
        "api_product": Asked({"slug": "checkout"}),
        "api_product_impact": Asked({"slug": "checkout"}),
        "api_kpi": Asked(kpi),
        "api_readings": Asked(kpi),
        "api_series": Asked(kpi),
        "api_readings_batch": Asked(kpi, send={"source": "erp", "readings": [{"day": "2026-01-05", "value": 1}]}),
        "api_usage_batch": Asked(send={"source": "logs", "rows": [used]}),
        "api_feedback": Asked(send=said),
        "api_feedback_batch": Asked(send={"entries": [said]}),
        "api_team_dashboard": Asked(query="team=booking"),
    }


def _admin(cast: Cast, kpi: int) -> dict[str, Asked]:
    rows = {
        "products_user": cast.otto.pk,
        "products_team": cast.booking.pk,
        "products_membership": Membership.objects.earliest("pk").pk,
        "products_product": cast.checkout.pk,
        "products_assignment": cast.checkout.assignments.get().pk,
        "products_productteam": ProductTeam.objects.earliest("pk").pk,
        "metrics_kpi": kpi,
    }
    verbs = ("change", "delete", "history")
    return {f"admin:{model}_{verb}": Asked({"object_id": pk}) for model, pk in rows.items() for verb in verbs}


def encoded(asked: Asked, *, is_api: bool) -> dict[str, Any]:
    """The body of a writing verb, as the client's ``generic`` takes it."""
    if is_api:
        return {"data": json.dumps(asked.send or {}), "content_type": JSON}
    if isinstance(asked.send, dict):
        return {"data": urlencode(asked.send), "content_type": FORM}
    return {"data": "", "content_type": FORM}
