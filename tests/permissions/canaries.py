"""Words that only a few may read: planted in the scene, and looked for in whatever anybody else is answered."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.http import HttpResponse

from metrics.catalog.quarters import quarter_of
from metrics.services.assessments import Answers, assess
from products.models import Product, Scope
from tests.conftest import Cast

# The names of customers' accounts, what they are asked and what they say: for people near the product.
ACCOUNT, PURPOSE, SOLVED = "Heron canary", "Why does the heron wait", "It helps the heron"
# What a lead makes of an internal product, what somebody wrote back, and a colleague in a file that is not imported yet.
ASSESSED, REPLY, SHEET = "The heron became possible", "The heron freezes", "Nora Heronsheet"
# What Emil did besides, who confirms it in which words, what he wants to talk about, and what Lena makes of his quarter.
CONTRIBUTED, CONFIRMED, TALK, JUDGED = (
    "The hour of the heron",
    "The heron taught me",
    "The heron sings",
    "A heron of a quarter",
)
# What everybody inside reads, and nobody else: what was heard, understood, signed off, told and said of help.
INSIDE = (
    "The form forgets the address.",
    "Pick a saved address",
    "Only for herons on land",
    "Plan at night.",
    "Rolled out by country without us.",
)
SCOPES = frozenset(Scope.values)  # tokens of Lena, who leads the team
TEAM = frozenset({"pm", "lead"}) | SCOPES
NOBODY = frozenset({"anonymous", "left", "revoked", "expired"})
MAY_READ: dict[str, frozenset[str]] = {
    **dict.fromkeys((ACCOUNT, PURPOSE, SOLVED), TEAM | {"ally"}),
    ASSESSED: TEAM - {"pm"},  # a PM of the team, but not of this product
    REPLY: TEAM,
    SHEET: frozenset({"admin"}),
    CONTRIBUTED: frozenset({"pm", "lead", "member"}),  # Otto, a member elsewhere, is asked to confirm it
    **dict.fromkeys((CONFIRMED, TALK, JUDGED), frozenset({"pm", "lead"})),  # Emil himself and his lead
}
# Their address holds the secret of a letter, which is the permission.
BY_SECRET = {"told", "answer_link", "hand_on_link", "sign_off_link"}


def plant_assessment(cast: Cast, product: Product, now: datetime) -> None:
    """Lena assesses the quarter that is over."""
    over = quarter_of(date.fromordinal(quarter_of(now.date()).start.toordinal() - 1))
    said = Answers(f"{ASSESSED}.", "By hand.", "Only I do.")
    assess(product=product, quarter=over, answers=said, by=cast.lena, now=now - timedelta(minutes=1))


def told_to(actor: str, response: HttpResponse) -> list[str]:
    """The canaries in an answer that ``actor`` may not read."""
    return found_in(response, forbidden(actor))


def forbidden(actor: str) -> list[str]:
    """What ``actor`` may read nowhere."""
    return [word for word, may in MAY_READ.items() if actor not in may] + (list(INSIDE) if actor in NOBODY else [])


def found_in(response: HttpResponse, words: Iterable[str]) -> list[str]:
    """Which of ``words`` stand in an answer, streamed or not."""
    body = b"".join(response) if response.streaming else response.content
    return [word for word in words if word.encode() in body]
