"""Releases of Checkout on their way to users: what the routes of sign-offs and of shipping are asked about. Otto is asked as legal."""

from datetime import datetime, timedelta
from typing import Any

from feedback.models import ReleaseTelling
from products.models import Ally, Announcement, AnnouncementCopy, Release, SignOff, User
from products.services.announcing import USE
from products.services.secret_links import digest_of
from products.services.signoff_letters import make_sign_off_link
from tests.conftest import Cast
from tests.factories import (
    make_account,
    make_diagnosis,
    make_entry,
    make_feature,
    make_release,
    make_user,
    since,
    speak,
)
from tests.permissions.canaries import ACCOUNT, REPLY, SOLVED

FORM, SECRET = "0" * 32, "s" * 43
SAID = {"channel": "mail", "subject": "New", "body": "Plan at night."}


def path_places(cast: Cast, now: datetime) -> dict[str, tuple[dict[str, Any], Any]]:
    """For each route the objects in its address and what is sent."""
    planned = make_release(cast.checkout, "5.0")
    live = {"number": make_release(cast.checkout, "4.0", live_at=now - timedelta(days=1)).pk}
    asked, linked = _signed_off(cast, planned, now)
    number = {"number": planned.pk}
    one = {**number, "sign_off": asked.pk}
    due = str(now.date() + timedelta(days=3))
    told, people = _announced(cast, now), _told(cast, now)
    return {
        "announce": ({"number": told.announcement.release_id}, {**SAID, "form": FORM}),
        "announcement": ({"number": told.announcement_id}, None),
        "told": ({"token": SECRET}, {"words": f"{REPLY}."}),
        "people_to_tell": ({"number": people.release_id}, {"voice": "1", "channel": "chat"}),
        "release_solved": ({"number": people.release_id, "telling": people.pk}, {"solved": "solved"}),
        "thank_ally": ({"slug": "checkout", "number": _ally(cast).pk}, {"words": "For the introduction."}),
        "take_reply_in": ({"number": told.announcement_id, "copy": told.pk}, {}),
        "api_sign_offs": (number, None),
        "api_announcements": ({"number": told.announcement.release_id}, None),
        "new_release": ({}, {"product": "checkout", "version": "6.0", "form": FORM}),
        "release_live": ({"number": make_release(cast.checkout, "5.1").pk}, {}),
        "release_back": (live, {"note": ""}),
        "release_stages": (number, {"day": "2026-06-20", "percent": "10"}),
        "ask_sign_off": (number, {"function": "security", "approver": cast.otto.email, "due_on": due}),
        "decide_sign_off": (one, {"decision": "approved"}),
        "waive_sign_off": (one, {"words": "Text only."}),
        "sign_off_link": (
            {"token": make_sign_off_link(sign_off=linked, person=cast.otto, now=now)},
            {"decision": "approved"},
        ),
        "settings_sign_offs": ({}, {"function": "legal", "due_days": "5"}),
        "settings_product_sign_offs": ({"slug": "checkout"}, {"function": "legal", "due_days": "5"}),
    }


def _signed_off(cast: Cast, release: Release, now: datetime) -> tuple[SignOff, SignOff]:
    """Two that wait for Otto, beside one that he decided with conditions."""
    asked = {"release": release, "approver": cast.otto, "requested_by": cast.emil, "requested_at": now}
    done, *waiting = (
        SignOff.objects.create(function=function, due_on=now.date(), **asked)
        for function in ("data", "legal", "privacy")
    )
    decided = {"decision": "conditions", "decided_by": cast.otto, "decided_at": now}
    SignOff.objects.filter(pk=done.pk).update(words="Only for herons on land", **decided)
    return waiting[0], waiting[1]


def _announced(cast: Cast, now: datetime) -> AnnouncementCopy:
    """Otto's copy of an announcement, opened by a known link and answered."""
    release = make_release(cast.checkout, "4.1", live_at=now - timedelta(days=1))
    row = Announcement.objects.create(release=release, written_by=cast.emil, written_at=now, form="1" * 32, **SAID)
    return AnnouncementCopy.objects.create(
        announcement=row, person=cast.otto, queued_at=now, due_at=now, digest=digest_of(SECRET, use=USE),
        opened_at=now, replied_at=now, reply=f"{REPLY}.",
    )  # fmt: skip


def _ally(cast: Cast) -> User:
    """Thea brings customers to Checkout."""
    thea = make_user("Thea")
    Ally.objects.create(product=cast.checkout, user=thea, function="account_management", period=since())
    return thea


def _told(cast: Cast, now: datetime) -> ReleaseTelling:
    """Otto spoke of what a release brings, and was told."""
    entry = make_entry(cast.emil, cast.checkout)
    speak(entry, colleague=cast.otto)
    customer = make_account("canary", cast.emil, name=f"{ACCOUNT} 3", consent="yes", consent_via=cast.emil)
    speak(entry, account=customer, via=cast.emil)
    feature = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout, entry))
    release = make_release(cast.checkout, "4.2", live_at=now - timedelta(days=1), feature_keys=[feature.key])
    ReleaseTelling.objects.create(
        release=release, account=customer, via=cast.emil, channel="call", told_by=cast.emil, told_at=now, solved="solved",
        solved_at=now, words=f"{SOLVED}.", noted_by=cast.emil,
    )  # fmt: skip
    return ReleaseTelling.objects.create(
        release=release, colleague=cast.otto, channel="chat", told_by=cast.emil, told_at=now - timedelta(hours=1)
    )
