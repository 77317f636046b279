"""What each route is asked about, and what is sent: enough for the permitted ones to get through."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from feedback.forms.capture import new_draft
from feedback.models import Feedback, Voice
from feedback.services.decisions import decide
from feedback.services.feedback import NewVoice, log_feedback
from feedback.services.outreach import Subject, ask_account
from metrics.models import Kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.uploads import keep_upload
from pmtrack.web.tables.files import SheetText
from products.models import Ally, ApiToken, DesignQuestion, Membership, ProductTeam, Release
from products.services.passwords import make_link
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_account,
    make_diagnosis,
    make_entry,
    make_feature,
    make_kpi,
    make_product,
    make_token,
    make_user,
    own,
    since,
)
from tests.metrics.uploads import MIXED
from tests.permissions.canaries import ACCOUNT, PURPOSE, plant_assessment
from tests.permissions.scene_accounts import places
from tests.permissions.scene_evidence import sent
from tests.permissions.scene_help import help_places
from tests.permissions.scene_path import path_places
from tests.permissions.scene_people import people_places

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
    ledger = make_product("ledger", "I")
    own(cast.booking, ledger)
    plant_assessment(cast, ledger, now)
    kpi = make_kpi(cast.checkout, "revenue", currency="EUR")
    push_readings(
        kpi=kpi, source="erp", readings=[NewReading(day=now.date() - timedelta(days=3), numerator=5)], now=now
    )
    event = NewReleaseEvent("ci", "1", cast.checkout, "1.0", "exposed", now - timedelta(days=2))
    release = ingest_release_event(event=event, now=now).release
    heard = log_feedback(
        text="The form forgets the address.", product=cast.checkout, channel="chat", logged_by=cast.emil,
        received_at=now, source="app", source_id="1", voice=NewVoice(colleague=cast.otto), now=now,
    ).feedback  # fmt: skip
    return {
        **{name: Asked(place) for name, place in places(cast).items()},
        **{name: Asked(place, send=body) for name, (place, body) in sent(cast, kpi, release).items()},
        "release_experiments": Asked({"number": release.pk}, query=f"kpi={kpi.slug}"),
        **_pages(now, release),
        **_diagnoses(cast, heard, now),
        **_features(cast),
        **_entries(cast),
        **_settings(cast, kpi),
        **_api(now.date(), now, release),
        **_admin(cast, kpi.pk),
        **{name: Asked(place, send=sent) for name, (place, sent) in help_places(cast, now).items()},
        **{name: Asked(place, send=sent) for name, (place, sent) in path_places(cast, now).items()},
        **{name: Asked(place, send=sent) for name, (place, sent) in people_places(cast, now).items()},
    }


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
        "choose_password": _link(now),
        "own_password": Asked(send={"current": "wrong", "password": "a long new one", "again": "a long new one"}),
        "account_login": Asked(send={"login": "nobody@example.com", "password": "wrong"}),
    }


def _diagnoses(cast: Cast, heard: Feedback, now: datetime) -> dict[str, Asked]:
    answers = {"trying_to": "Pick an address", "in_the_way": "The wrong depot", "known_from": "Otto"}
    row = make_diagnosis(cast.emil, cast.checkout, heard)
    decide(diagnosis=row, decision="watch", reason="Rare.", by=cast.emil, now=now)
    entry, diagnosis = {"number": make_entry(cast.emil, cast.checkout).pk}, {"number": row.pk}
    about = Subject(cast.checkout, diagnosis=row)
    account = make_account("nordfrakt", cast.emil, name=f"{ACCOUNT} 2", consent="yes", consent_via=cast.emil)
    asked = ask_account(subject=about, account=account, via=None, purpose=f"{PURPOSE}?", by=cast.emil, now=now)
    question, purpose = {"number": asked.pk}, {"whom": "colleague", "colleague": "Olga", "purpose": "Why?"}
    return {
        "diagnose": Asked(entry, send={**answers, "version": "new", "then": "done"}),
        "this_is": Asked(entry, send={"to": row.pk}),
        "ask_about_entry": Asked(entry, send=purpose),
        "diagnosis": Asked(diagnosis),
        "change_answers": Asked(diagnosis, send={**answers, "version": f"{row.key}.2"}),
        "take_in": Asked(diagnosis, send={"entries": entry["number"]}),
        "take_out": Asked(diagnosis, send={"entry": heard.pk}),
        "decide": Asked(diagnosis, send={"decision": "decline", "reason": "Rare.", "version": "2"}),
        "reopen": Asked(diagnosis),
        "tell": Asked(diagnosis, send={"voice": heard.voices.get().pk, "channel": "chat"}),
        "ask_about_diagnosis": Asked(diagnosis, send=purpose),
        "asked": Asked(question, send={"outcome": "They retype it."}),
        "book_talk": Asked(question, send={"at": "2099-01-05T14:30"}),
        "call_off": Asked(question),
        "note_consent": Asked(question, send={"consent": "yes"}),
    }


def _features(cast: Cast) -> dict[str, Asked]:
    feature = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout))
    asked = {"feature": feature, "question": "Which depot?", "asked": cast.emil, "asked_by": cast.emil, "asked_at": NOW}
    number = {"number": feature.pk}
    names = ("feature", "edit_feature", "waive_feature", "ask_design_question")
    return {
        **{name: Asked(number) for name in names},
        "move_feature": Asked(number, send={"to": "measured"}),
        "link_diagnosis": Asked(number, send={"diagnosis": "D-0"}),
        "answer_question": Asked({**number, "question": DesignQuestion.objects.create(**asked).pk}),
    }


def _entries(cast: Cast) -> dict[str, Asked]:
    entry, root, merged = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    Feedback.objects.filter(pk=merged.pk).update(merged_into=root)
    said = {"text": "The depot is wrong.", "product": "checkout", "channel": "chat", "version": entry.revision}
    return {
        "feedback_item": Asked({"number": entry.pk}),
        "edit_feedback": Asked({"number": entry.pk}, send=said),
        "merge_feedback": Asked({"number": entry.pk}, send={"into": root.key}),
        "unmerge_feedback": Asked({"number": merged.pk}),
        "feedback_voices": Asked({"number": entry.pk}),
        "remove_voice": Asked(
            {"number": entry.pk, "voice": Voice.objects.create(feedback=entry, colleague=cast.lena).pk}
        ),
        "withdraw_feedback": Asked({"number": entry.pk}),
        "similar_feedback": Asked(query="q=The+depot+is+wrong", send={"q": "The depot is wrong"}),
        "sources": Asked(query="q=em"),
    }


def _settings(cast: Cast, kpi: Kpi) -> dict[str, Asked]:
    product, team, measure = {"slug": "checkout"}, {"slug": "booking"}, {"slug": kpi.slug}
    person, token = {"number": cast.otto.pk}, {"number": _token(cast)}
    ally = Ally.objects.create(product=cast.checkout, user=make_user("Alma"), function="legal", period=since())
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
        "settings_password_link": Asked(person),
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


def _link(now: datetime) -> Asked:
    link = make_link(person=make_user("Noor"), now=now)
    typed = {"password": "correct horse battery", "again": "correct horse battery"}
    return Asked({"uid": link.uid, "token": link.token}, send=typed)


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
