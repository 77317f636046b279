"""Thank an ally of a product."""

from datetime import datetime, timedelta

from django.db import transaction

from feedback.models import AllyThank
from products.access import manageable_products
from products.models import Ally, Product, User

AGAIN_AFTER = timedelta(days=1)


class NotTheirs(Exception):
    """Whoever thanks does not stand for the product."""


class NotAnAlly(Exception):
    """Whoever is thanked is no ally of the product; the message says what to do."""


@transaction.atomic
def thank_ally(*, product: Product, ally: User, words: str, by: User, now: datetime) -> AllyThank:
    """Thank; the same words again within a day are the thank that is there. Raises ``NotTheirs`` and ``NotAnAlly``."""
    if not manageable_products(by, day=now.date()).filter(pk=product.pk).exists():
        raise NotTheirs(f"Only PMs and leads of {product.name} thank its allies.")
    if ally.pk == by.pk:
        raise NotAnAlly("Nobody thanks themselves.")
    if not Ally.objects.filter(product=product, user=ally, period__startswith__lte=now.date()).exists():
        raise NotAnAlly(f"{ally.name} is no ally of {product.name}. Name them as one in its settings first.")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # a form sent twice takes turns
    same = AllyThank.objects.filter(product=product, ally=ally, by=by, words=words, at__gt=now - AGAIN_AFTER).first()
    return same or AllyThank.objects.create(product=product, ally=ally, by=by, words=words, at=now)
