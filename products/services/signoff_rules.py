"""Which functions sign releases off: one rule at a time for a product and function, or for every external product."""

from datetime import datetime

from django.db import transaction

from products.models import Product, ProductType, SignOffRule, User
from products.models.signoffs import MOST_DUE_DAYS
from products.services.signoffs import SignOffRefused


class BadDays(SignOffRefused):
    """A sign-off is due within days, and within a quarter."""

    field = "due_days"


@transaction.atomic
def set_rule(
    *, product: Product | None, function: str, due_days: int | None, by: User, now: datetime
) -> SignOffRule | None:
    """From now on releases need the function's sign-off within ``due_days``; without days none is needed.

    The rule before ends and is kept. Requests that stand are left as they are. Raises ``SignOffRefused``.
    """
    if product is not None and product.type != ProductType.EXTERNAL:
        raise SignOffRefused(f"{product.name} is for colleagues: its releases need no sign-off.")
    if due_days is not None and not 1 <= due_days <= MOST_DUE_DAYS:
        raise BadDays(f"Write 1 to {MOST_DUE_DAYS} days.")
    standing = SignOffRule.objects.select_for_update().filter(product=product, function=function, ended_at__isnull=True)
    held = standing.first()
    if held is not None and held.due_days == due_days:
        return held
    standing.update(ended_at=now)
    if due_days is None and product is None:
        return None
    return SignOffRule.objects.create(product=product, function=function, due_days=due_days, made_by=by, made_at=now)
