"""From a decoded body to the domain's entry: whom and what it names, looked up for all entries at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from feedback.api.shapes import FeedbackIn, VoiceIn
from feedback.models import Account
from feedback.services.feedback import NewFeedback, NewVoice
from pmtrack.web.errors import FieldProblem, Problem
from products.api.reach import reach_of
from products.models import ApiToken, Product, ProductType, User

CLOCK_SKEW = timedelta(minutes=5)
MOST_HOURS = 1_000_000


class Bad(Exception):
    """An entry that cannot be stored: the field and what to do."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field

    def problem(self, base: str) -> Problem:
        """422 that points at the field below ``base``."""
        found = FieldProblem(f"{base}/{self.field}", "invalid", str(self))
        return Problem(422, "bad-feedback", str(self), errors=[found])


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of one request name, looked up at once."""

    products: dict[str, Product | Problem]
    people: dict[str, User]
    accounts: dict[str, Account]


def look_up(token: ApiToken, entries: Sequence[FeedbackIn], *, now: datetime) -> Known:
    """Products, people and accounts that ``entries`` name, in four statements at most."""
    voices = [entry.voice for entry in entries if entry.voice]
    mails = {mail.lower() for voice in voices for mail in (voice.colleague, voice.via) if mail}
    references = {voice.account for voice in voices if voice.account}
    slugs = [entry.product for entry in entries if entry.product]
    return Known(
        reach_of(token, slugs, now=now) if slugs else {},
        {user.email.lower(): user for user in User.objects.filter(email__in=mails)} if mails else {},
        {row.reference: row for row in Account.objects.filter(reference__in=references)} if references else {},
    )


def entry_of(sent: FeedbackIn, known: Known, user: User, *, now: datetime, base: str = "") -> NewFeedback:
    """The domain's entry. Raises a ``Problem`` that points below ``base``."""
    product = known.products[sent.product] if sent.product else None
    if isinstance(product, Problem):
        raise product.at(f"{base}/product")
    try:
        return _entry(sent, product, known, user, now=now)
    except Bad as error:
        raise error.problem(base) from None


def _entry(sent: FeedbackIn, product: Product | None, known: Known, user: User, *, now: datetime) -> NewFeedback:
    if sent.received_at > now + CLOCK_SKEW:
        raise Bad("received_at", "'received_at' is ahead of our clock. Check the sender's clock and offset.")
    if not any(sign.isprintable() and not sign.isspace() for sign in sent.text):
        raise Bad("text", "'text' shows nothing. Write what was said.")
    return NewFeedback(
        text=sent.text.strip(),
        product=product,
        channel=sent.channel,
        logged_by=user,
        received_at=sent.received_at.astimezone(UTC),
        source=sent.source,
        source_id=sent.source_id,
        voice=_voice(sent.voice, product, known) if sent.voice else None,
        severity=sent.severity,
        sentiment=sent.sentiment,
    )


def _voice(sent: VoiceIn, product: Product | None, known: Known) -> NewVoice:
    """Whose voice it is. Raises ``Bad``."""
    if (sent.colleague is None) == (sent.account is None):
        raise Bad("voice", "A voice is either a 'colleague' (mail address) or an 'account' (reference).")
    if sent.account is not None:
        _judge_account(sent.account, product, known)
        if sent.via is None:
            raise Bad("voice/via", "Customers speak through one of us: say in 'via' which colleague heard it.")
    for field, mail in (("colleague", sent.colleague), ("via", sent.via)):
        if mail is not None and mail.lower() not in known.people:
            raise Bad(f"voice/{field}", f"'{field}' is no colleague's mail address. Only colleagues are named here.")
    return NewVoice(
        colleague=known.people[sent.colleague.lower()] if sent.colleague else None,
        account=known.accounts[sent.account] if sent.account else None,
        via=known.people[sent.via.lower()] if sent.via else None,
        people_affected=sent.people_affected,
        hours_lost_monthly=_hours(sent.hours_lost_monthly),
    )


def _judge_account(reference: str, product: Product | None, known: Known) -> None:
    """Accounts speak about external products only. Raises ``Bad``."""
    if product is None:
        raise Bad("product", "Name the external product that the account spoke about.")
    if product.type != ProductType.EXTERNAL:
        raise Bad("voice/account", f"'{product.slug}' is internal: its voices are colleagues.")
    if reference not in known.accounts:
        raise Bad("voice/account", f"There is no account '{reference}'. Check its reference.")


def _hours(hours: Decimal | None) -> Decimal | None:
    """Hours with two digits after the point. Raises ``Bad``."""
    if hours is not None and not (hours.is_finite() and 0 <= hours < MOST_HOURS and hours == round(hours, 2)):
        raise Bad("voice/hours_lost_monthly", "'hours_lost_monthly' must lie between 0 and 999999.99, in hundredths.")
    return None if hours is None else round(hours, 2)
