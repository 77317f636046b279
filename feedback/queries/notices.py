"""What the form notices in a text while it is typed: a fix instead of a problem, personal data of people outside."""

from dataclasses import dataclass

from feedback.catalog.privacy import personal_data, without_personal_data
from feedback.catalog.wording import asks_for_a_fix
from feedback.models import Feedback
from products.access import Actor
from products.models import Product


@dataclass(frozen=True, slots=True)
class Notices:
    """Hints, never errors. ``cleaned`` is the text without what looks like ``personal`` data."""

    fix: bool
    personal: tuple[str, ...]
    cleaned: str


def our_domain(user: Actor) -> str:
    """Where colleagues have their mail: addresses there are not of people outside."""
    return str(getattr(user, "email", "")).rpartition("@")[2]


def notices(text: str, user: Actor, *, about_customers: bool) -> Notices:
    """What to hint at in ``text``; personal data only where customers may be meant."""
    personal = personal_data(text, ours=our_domain(user)) if about_customers else ()
    cleaned = without_personal_data(text, ours=our_domain(user)) if personal else text
    return Notices(asks_for_a_fix(text), personal, cleaned)


def noticed(entry: Feedback, user: Actor) -> bool:
    """Whether a stored entry that may be about customers seems to name people outside the company."""
    about_customers = entry.product is None or entry.product.type == Product.Type.EXTERNAL
    return about_customers and bool(personal_data(entry.text, ours=our_domain(user)))
