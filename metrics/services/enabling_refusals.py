"""Why something about an enablement is refused, in words; ``field`` is where a form or a client has to mend it."""

from typing import ClassVar


class EnablingRefused(Exception):
    """Nothing was stored. ``code`` is what the API calls it, ``field`` the field it is about ("" for the whole)."""

    code: ClassVar[str] = "bad-enablement"
    field: ClassVar[str] = ""


class HelpsItself(EnablingRefused):
    """A product does not enable itself."""

    code, field = "self-link", "work"


class NobodyHasIt(EnablingRefused):
    """A release that is not live, or was taken back, helps nobody."""

    code, field = "release-not-live", "release"


class NotItsOwn(EnablingRefused):
    """A release or a feature of another product was named."""

    code, field = "other-product", "release"


class NoWork(EnablingRefused):
    """Neither a feature nor work in words was named, or both were, or the work is nobody's."""

    code, field = "no-work", "work"


class BadDays(EnablingRefused):
    """Days that are no span of working days within the horizon."""

    code, field = "bad-days", "days_low"


class TooManyUnblocked(EnablingRefused):
    """More than four teams would have unblocked the same work."""

    code, field = "too-many-unblockers", "kind"


class BadLink(EnablingRefused):
    """Evidence that is no web address, or too many of them."""

    code, field = "bad-evidence", "evidence"


class NobodyToAsk(EnablingRefused):
    """Nobody is known who could answer."""

    code, field = "nobody-to-ask", "asked"


class MayNotAnswer(EnablingRefused):
    """Whoever claimed it or stood for the product that helped confirms nothing about it."""

    code, field = "may-not-answer", "asked"


class SaidAlready(EnablingRefused):
    """The same help of the same work is there."""

    code = "said-already"


class NotAsked(EnablingRefused):
    """Somebody answers who was not asked."""

    code = "not-asked"


class NotOpen(EnablingRefused):
    """It was answered, withdrawn or not answered in time; or it waits, and cannot be reopened."""

    code = "not-open"


class NotTheirs(EnablingRefused):
    """Somebody does this for a product that is not theirs."""

    code = "out-of-reach"


class ReasonMissing(EnablingRefused):
    """Opening again tells the other side why."""

    code, field = "reason-missing", "words"


class LinkUnusable(EnablingRefused):
    """A link opens nothing: unknown, used, ended or expired."""

    code = "link-gone"


REFUSALS: tuple[type[EnablingRefused], ...] = (
    HelpsItself, NobodyHasIt, NotItsOwn, NoWork, BadDays, TooManyUnblocked, BadLink, NobodyToAsk, MayNotAnswer, SaidAlready, NotAsked,
    NotOpen, NotTheirs, ReasonMissing, LinkUnusable,
)  # fmt: skip
