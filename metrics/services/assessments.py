"""Write down what a lead makes of an internal product in a quarter: always a new version, the older ones stay."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from metrics.access import assessable_products
from metrics.catalog.quarters import Quarter
from metrics.models import Assessment
from pmtrack.web.conflicts import Conflict
from products.models import Product, User
from products.queries.edits import ago


@dataclass(frozen=True, slots=True)
class Answers:
    """What became possible, what would have happened otherwise, and who says so."""

    became_possible: str
    otherwise: str
    says_who: str


class NotYours(Exception):
    """Not a lead of the owning team, or the product's own PM in the quarter."""


class QuarterAhead(Exception):
    """The quarter has not begun."""


class AssessedMeanwhile(Conflict):
    """Somebody wrote another version after the form was opened; the message says who and when. Nothing was stored."""


@transaction.atomic
def assess(
    *, product: Product, quarter: Quarter, answers: Answers, by: User, now: datetime, standing: int | None = None
) -> Assessment:
    """Write the next version; saying the same again, word for word, writes none.

    ``standing`` is the version on the form's page (0: none). Raises ``NotYours``, ``QuarterAhead`` and ``AssessedMeanwhile``;
    then nothing is stored.
    """
    if not assessable_products(by, day=now.date(), quarter=quarter).filter(pk=product.pk).exists():
        raise NotYours(
            f"{product.name} is assessed by the leads of the team that owns it, and not by who was its PM in the quarter."
        )
    if quarter.start > now.date():
        raise QuarterAhead(f"The {quarter.text} has not begun. Assess it when there is something to look at.")
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)  # those who assess one product take turns
    rows = Assessment.objects.filter(product=product, quarter=quarter.start).select_related("written_by")
    newest = rows.order_by("-version").first()
    version = newest.version if newest else 0
    if newest is not None and standing is not None and standing != version:
        raise AssessedMeanwhile(
            f"{newest.written_by.name} wrote version {version} {ago(newest.written_at, now=now)}. Nothing was stored yet."
        )
    words = asdict(answers)
    if newest is not None and all(getattr(newest, name) == text for name, text in words.items()):
        return newest
    at = max(now, newest.written_at) if newest else now
    return Assessment.objects.create(
        product=product, quarter=quarter.start, version=version + 1, **words, written_by=by, written_at=at
    )
