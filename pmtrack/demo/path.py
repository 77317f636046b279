"""How Halden's releases reach their users: who signed them off, who was told of them, and what those say who had asked."""

from datetime import UTC, datetime, time, timedelta

from feedback.models import Voice
from feedback.queries.release_telling import people_to_tell
from feedback.services.release_telling import note_solved, tell_of_release
from pmtrack.demo.founding import Halden
from products.models import Announcement, Release, SignOffDecision
from products.services.announcing import Draft, announce
from products.services.exposure_stages import set_stage
from products.services.signoff_rules import set_rule
from products.services.signoffs import Verdict, decide_sign_off, request_sign_off

YES, WITH, NO = SignOffDecision.APPROVED, SignOffDecision.CONDITIONS, SignOffDecision.REJECTED
LEGAL, MARKETING, REVENUE = ("legal", "Daniel Roth"), ("marketing", "Lucia Ferri"), ("revenue", "Ravi Menon")
# Product or every external one, function, within how many days.
RULES = (("", "legal", 5), ("", "marketing", 5), ("checkout", "revenue", 3))
# Release of Checkout, who asked, of whom, days ago asked and decided (None: open), what, and in which words.
ASKED = (
    ("Saved addresses", "Tom Adeyemi", LEGAL, 310, 304, YES, ""),
    ("Saved addresses", "Tom Adeyemi", MARKETING, 310, 306, YES, ""),
    ("Pallet presets", "Tom Adeyemi", LEGAL, 252, 245, YES, ""),
    ("Pallet presets", "Tom Adeyemi", MARKETING, 252, 246, YES, ""),
    ("One-page booking", "Maya Lindgren", LEGAL, 170, 158, NO, "The terms are below the button, where nobody accepts them."),
    ("One-page booking", "Maya Lindgren", LEGAL, 157, 152, WITH, "The terms stand above the button, also on phones."),
    ("One-page booking", "Maya Lindgren", MARKETING, 170, 165, YES, ""),
    ("One-page booking", "Maya Lindgren", REVENUE, 170, 168, YES, ""),
    ("Invoice at checkout", "Maya Lindgren", LEGAL, 24, 12, YES, ""),
    ("Invoice at checkout", "Maya Lindgren", MARKETING, 24, 7, YES, "Seen after it was out: the wording is fine."),
    ("Invoice at checkout", "Maya Lindgren", REVENUE, 24, 21, YES, ""),
    ("Split payment", "Maya Lindgren", LEGAL, 6, 2, WITH, "Not for customers in France before March."),
    ("Split payment", "Maya Lindgren", MARKETING, 6, None, YES, ""),
    ("Split payment", "Maya Lindgren", REVENUE, 6, 4, YES, ""),
)  # fmt: skip
STAGES = (("Split payment", 2, 10), ("Split payment", 5, 50), ("Split payment", 9, 100))
SAID = (("solved", "They pay by invoice now and stopped calling."), ("partly", "Not for orders of two depots."))

REPLIES = ("Switched off a country in a minute. Thank you.", "Can a flag be named after its release?")


def tell_path(halden: Halden) -> None:
    """Rules, sign-offs in the order in which they were asked, stages, an announcement, and closed loops."""
    admin = halden.people["Ada Brooks"]
    for slug, function, days in RULES:
        product = halden.products[slug] if slug else None
        set_rule(product=product, function=function, due_days=days, by=admin, now=_morning(halden, 400))
    for name, by, (function, approver), asked, decided, what, words in ASKED:
        row = request_sign_off(
            release=_release(halden, "checkout", name), function=function, approver=halden.people[approver],
            due_on=halden.day(asked) + timedelta(days=5), by=halden.people[by], now=_morning(halden, asked),
        )  # fmt: skip
        if decided is not None:
            verdict = Verdict(what, words)
            decide_sign_off(sign_off=row, verdict=verdict, by=halden.people[approver], now=_morning(halden, decided))
    maya = halden.people["Maya Lindgren"]
    for name, days, percent in STAGES:
        release, day = _release(halden, "checkout", name), halden.today + timedelta(days=days)
        set_stage(release=release, day=day, percent=percent, by=maya, now=_morning(halden, 1))
    _announce(halden)
    _close_loops(halden)


def _announce(halden: Halden) -> None:
    """Jonas tells two teams of the newest release of Switchyard that they have."""
    rows = Release.objects.filter(product=halden.products["switchyard"], state="live")
    release = rows.latest("live_at")
    words = "It is switched on for your products. Write back if anything looks odd: I read every answer."
    teams = [halden.teams["booking"], halden.teams["carriers"]]
    draft = Draft(release, "mail", f"New in Switchyard: {release.title}", words, "0" * 32, teams)
    row = announce(draft=draft, by=halden.people["Jonas Weber"], now=_morning(halden, 1))
    _read(row, _morning(halden, 1))


def _read(row: Announcement, at: datetime) -> None:
    """Every second copy was sent and opened, and two were answered; the worker sends the others when it runs."""
    ids = list(row.copies.order_by("pk").values_list("pk", flat=True))[::2]
    sent = {"sent_at": at + timedelta(minutes=1), "tries": 1}
    row.copies.filter(pk__in=ids).update(**sent, opened_at=at + timedelta(hours=1))
    for pk, words in zip(ids, REPLIES, strict=False):
        row.copies.filter(pk=pk).update(reply=words, replied_at=at + timedelta(hours=2))


def _close_loops(halden: Halden) -> None:
    """Maya tells some of those who had asked, and notes what they say."""
    maya, release = halden.people["Maya Lindgren"], _release(halden, "checkout", "Invoice at checkout")
    people = [one for one in people_to_tell(maya, release, day=halden.today).rows if one.to]
    for one, (solved, words) in zip(people, SAID, strict=False):
        voice = Voice.objects.get(pk=one.voice)
        told = tell_of_release(release=release, voice=voice, channel="call", by=maya, now=_morning(halden, 5))
        note_solved(telling=told, solved=solved, words=words, by=maya, now=_morning(halden, 2))


def _release(halden: Halden, product: str, name: str) -> Release:
    return Release.objects.get(product=halden.products[product], name=name, environment="production")


def _morning(halden: Halden, ago: int) -> datetime:
    return datetime.combine(halden.day(ago), time(9), UTC)
