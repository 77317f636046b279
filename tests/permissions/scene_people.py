"""Emil's record: what the routes about people are asked about. Otto is asked to confirm what Emil did, Alva did."""

from datetime import date, datetime, timedelta
from typing import Any

from metrics.catalog.quarters import quarter_of
from metrics.models import Contribution
from metrics.services.contributions import Told, add_contribution, answer_contribution, ask_to_confirm
from metrics.services.person_notes import Talk, write_lead_note, write_talk
from metrics.services.review_packs import freeze_pack
from tests.conftest import Cast
from tests.factories import make_user
from tests.permissions.canaries import CONFIRMED, CONTRIBUTED, JUDGED, TALK

DAY = {"talk_on": "2099-01-05"}


def people_places(cast: Cast, now: datetime) -> dict[str, tuple[dict[str, Any], Any]]:
    """For each route the objects in its address and what is sent."""
    row, today = _contributed(cast, now), now.date()
    write_talk(talk=Talk(None, f"{TALK}.", "", ""), by=cast.emil, now=now)
    quarter = quarter_of(today)
    write_lead_note(person=cast.emil, quarter=quarter, text=f"{JUDGED}.", by=cast.lena, now=now)
    pack = freeze_pack(person=cast.emil, since=date(2026, 1, 1), last=today, by=cast.lena, now=now)
    person, about = {"number": cast.emil.pk}, {"number": row.pk}
    frozen = {**person, "pack": pack.pk}
    done = {"what": "Wrote a vision", "kind": "vision", "since": "2026-01-05"}
    return {
        "person": (person, None),
        "next_talk": (person, {**DAY, "going_well": "It is."}),
        "lead_note": ({**person, "quarter": quarter.name}, {"text": "Well done.", "version": "1"}),
        "new_review_pack": (person, {"since": "2026-01-01", "until": str(today)}),
        "review_pack": (frozen, None),
        "review_pack_csv": (frozen, None),
        "review_pack_json": (frozen, None),
        "new_contribution": ({}, done),
        "contribution": (about, None),
        "confirm_contribution": (about, {"answer": "confirmed"}),
        "ask_about_contribution": (about, {"asked": cast.paula.email}),
        "withdraw_contribution": (about, {}),
    }


def _contributed(cast: Cast, now: datetime) -> Contribution:
    """Confirmed by Alva, and waiting for Otto."""
    alva, told = make_user("Alva"), Told("culture", f"{CONTRIBUTED}.", now.date() - timedelta(days=90))
    row = add_contribution(told=told, by=cast.emil, now=now, asked=alva)
    answer_contribution(contribution=row, answer="confirmed", words=f"{CONFIRMED}.", by=alva, now=now)
    ask_to_confirm(contribution=row, asked=cast.otto, by=cast.emil, now=now)
    return row
