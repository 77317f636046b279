"""What Maya did besides the products, who confirmed it, what she wants to talk about, and what her lead made of her quarter."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from feedback.services.outreach import Subject, ask_account, hold
from feedback.services.thanks import thank_ally
from metrics.catalog.quarters import quarter_of
from metrics.services.contributions import Told, add_contribution, answer_contribution, ask_to_confirm
from metrics.services.person_notes import Talk, write_lead_note, write_talk
from pmtrack.demo.founding import Halden
from products.models import User

PERSON, LEAD = "Maya Lindgren", "Ines Okafor"


@dataclass(frozen=True, slots=True)
class Besides:
    """Work outside the products: from ``start`` to ``end`` days ago (None: it goes on), confirmed by these, asked those."""

    kind: str
    what: str
    start: int
    end: int | None
    confirmed: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


BESIDES = (
    Besides(
        "culture", "Started the monthly “what we got wrong” hour; about 20 people each time", 360, None,
        ("Jonas Weber", "Amira Haddad"),
    ),
    Besides("vision", "Wrote the Booking team’s vision with Ines and Tom; used in two planning rounds", 270, 245, ("Ines Okafor",)),
    Besides("mentoring", "Handed Switchyard over to Jonas in three weeks", 225, 204, (), ("Jonas Weber",)),
    Besides("roadmap", "Joint roadmap of Checkout and Rate Desk; removed two double efforts", 160, 135, ("Sofia Marques",)),
)  # fmt: skip
TALK = (
    "Interviews through account managers now take a week to set up, not three.",
    "Legal review of invoice terms. Nobody owns these reviews.",
    "A held-back group for the next payment release, so that the effect can be compared.",
)
JUDGED = (
    "Took Checkout over in the middle of a release and finished it. She names the KPI before she builds, and says so when nothing "
    "moved. I would like her to leave more of the interviews to Tom."
)


THANKED = ("Petra Holm", "For the talk with Brenner’s planners, on a Friday evening.")


def tell_record(halden: Halden) -> None:
    """Told some days after it was done, confirmed some days later; and an ally is thanked."""
    maya = halden.people[PERSON]
    name, words = THANKED
    at = datetime.combine(halden.day(20), time(9), UTC)
    _introduced(halden, maya)
    thank_ally(product=halden.products["checkout"], ally=halden.people[name], words=words, by=maya, now=at)
    for one in BESIDES:
        start, end = halden.day(one.start), None if one.end is None else halden.day(one.end)
        at = datetime.combine(halden.day((one.end or one.start) - 5), time(9), UTC)
        row = add_contribution(told=Told(one.kind, one.what, start, end), by=maya, now=at)
        for name in (*one.confirmed, *one.asked):
            ask_to_confirm(contribution=row, asked=halden.people[name], by=maya, now=at)
        for name in one.confirmed:
            later = at + timedelta(days=2)
            answer_contribution(contribution=row, answer="confirmed", words="", by=halden.people[name], now=later)
    noon = datetime.combine(halden.today, time(12), UTC)
    talk = Talk(halden.today + timedelta(days=7), *TALK)
    write_talk(talk=talk, by=maya, now=noon - timedelta(days=1))
    quarter = quarter_of(quarter_of(halden.today).start - timedelta(days=1))
    write_lead_note(person=maya, quarter=quarter, text=JUDGED, by=halden.people[LEAD], now=noon)


def _introduced(halden: Halden, by: User) -> None:
    """Petra brings Brenner and Maya together: asked for five weeks ago, held two weeks later."""
    asked, held = (datetime.combine(halden.day(ago), time(10), UTC) for ago in (35, 21))
    subject, brenner = Subject(halden.products["checkout"]), halden.accounts["brenner-logistik"]
    purpose, said = "How do planners choose the depot?", "They keep a list of their own beside the screen."
    talk = ask_account(
        subject=subject, account=brenner, via=halden.people[THANKED[0]], purpose=purpose, by=by, now=asked
    )
    hold(outreach=talk, outcome=said, at=held, by=by, now=held)
