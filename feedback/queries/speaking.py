"""What the capture form offers: through whom customers speak, and the product that is most likely meant."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from feedback.access import visible_accounts, workable_products
from feedback.models import Feedback
from feedback.queries.entries import own_product
from products.access import Actor, is_known, visible_products
from products.models import Ally, User


def go_betweens(user: Actor, *, day: date, also: int | None = None) -> tuple[tuple[int, str], ...]:
    """Those through whom customers speak: oneself, managers of the accounts one may know, allies of one's products.

    ``also`` is one more colleague whom a form names. (id, name) by name. One statement.
    """
    if not is_known(user):
        return ()
    manages = visible_accounts(user, day=day).filter(manager=OuterRef("pk"))
    allied = Ally.objects.filter(
        user=OuterRef("pk"), product__in=workable_products(user, day=day), period__contains=day
    )
    fitting = Q(pk=user.pk) | Q(pk=also or 0) | Q(Exists(manages)) | Q(Exists(allied))
    return tuple(User.objects.filter(fitting, is_active=True).order_by("name", "pk").values_list("pk", "name"))


def likely_product(user: Actor, *, day: date) -> str:
    """The slug of the product one answers for, else of the one that one logged for last, else "". Two statements at most."""
    if own := own_product(user, day=day):
        return own
    last = Feedback.objects.filter(logged_by_id=user.pk or 0, product__in=visible_products(user)).order_by("-pk")
    return last.values_list("product__slug", flat=True).first() or ""
