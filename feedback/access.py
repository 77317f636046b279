"""Who may see and do what on the feedback floor (domain.md §4). Deny unless allowed."""

from datetime import date

from django.db.models import Q, QuerySet

from feedback.models import Account, Feedback, Voice
from products.access import Actor, is_known, products_with_customer_data


def visible_feedback(user: Actor) -> QuerySet[Feedback]:
    """Text and counts are open inside the company; whose voice it was is not (``visible_voices``)."""
    return Feedback.objects.all() if is_known(user) else Feedback.objects.none()


def visible_voices(user: Actor, *, day: date) -> QuerySet[Voice]:
    """Colleagues' voices are open; accounts only to the product's team and its allies."""
    if not is_known(user):
        return Voice.objects.none()
    near = products_with_customer_data(user, day=day)
    return Voice.objects.filter(Q(account__isnull=True) | Q(feedback__product__in=near) | Q(account__manager=user))


def visible_accounts(user: Actor, *, day: date) -> QuerySet[Account]:
    """Accounts that spoke about a product near to the user, and those he manages."""
    if not is_known(user):
        return Account.objects.none()
    near = products_with_customer_data(user, day=day)
    spoke = Voice.objects.filter(account__isnull=False, feedback__product__in=near).values("account")
    return Account.objects.filter(Q(pk__in=spoke) | Q(manager=user))


def can_log(user: Actor) -> bool:
    """Anyone signed in may log feedback for any product."""
    return is_known(user)
