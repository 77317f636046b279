"""Who may see and do what on the feedback floor (domain.md §4). Deny unless allowed."""

from datetime import date

from django.db.models import Q, QuerySet

from feedback.models import Account, Diagnosis, Feedback, FeedbackQuerySet, Outreach, Voice
from products.access import Actor, is_known, products_with_customer_data, teams_of
from products.models import Membership, Product


def visible_feedback(user: Actor) -> FeedbackQuerySet:
    """Text and counts are open inside the company; whose voice it was is not (``visible_voices``)."""
    return Feedback.objects.all() if is_known(user) else Feedback.objects.none()


def visible_voices(user: Actor, *, day: date) -> QuerySet[Voice]:
    """Colleagues' voices are open; accounts only to the product's team and its allies."""
    if not is_known(user):
        return Voice.objects.none()
    near = products_with_customer_data(user, day=day)
    return Voice.objects.filter(Q(account__isnull=True) | Q(feedback__product__in=near) | Q(account__manager=user))


def visible_accounts(user: Actor, *, day: date) -> QuerySet[Account]:
    """Customers of a product near to the user, accounts that spoke about one, and those he manages."""
    if not is_known(user):
        return Account.objects.none()
    near = products_with_customer_data(user, day=day)
    spoke = Voice.objects.filter(account__isnull=False, feedback__product__in=near).values("account")
    customers = Account.products.through.objects.filter(product__in=near).values("account")
    return Account.objects.filter(Q(pk__in=spoke) | Q(pk__in=customers) | Q(manager=user))


def can_log(user: Actor) -> bool:
    """Anyone signed in may log feedback for any product."""
    return is_known(user)


def workable_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Products whose feedback the user may work on: the team's own, those he answers for or is an ally of."""
    return products_with_customer_data(user, day=day)


def can_work_on(user: Actor, product: Product, *, day: date) -> bool:
    """Whether the user may diagnose, merge and edit what is said about ``product``."""
    return workable_products(user, day=day).filter(pk=product.pk).exists()


def workable_feedback(user: Actor, *, day: date) -> FeedbackQuerySet:
    """Entries about workable products; those without a product are for every lead and for the one who logged them."""
    if not is_known(user):
        return Feedback.objects.none()
    unsorted = Q(product__isnull=True)
    if not teams_of(user, day=day, roles=(Membership.Role.LEAD,)).exists():
        unsorted &= Q(logged_by=user)
    return Feedback.objects.filter(Q(product__in=workable_products(user, day=day)) | unsorted)


def visible_diagnoses(user: Actor) -> QuerySet[Diagnosis]:
    """Diagnoses are open inside the company; whose voices are behind them is not (``visible_voices``)."""
    return Diagnosis.objects.all() if is_known(user) else Diagnosis.objects.none()


def visible_outreach(user: Actor, *, day: date) -> QuerySet[Outreach]:
    """Questions to colleagues are open; those to customers only to people near the product and the one asked to help."""
    if not is_known(user):
        return Outreach.objects.none()
    near = products_with_customer_data(user, day=day)
    return Outreach.objects.filter(Q(account__isnull=True) | Q(product__in=near) | Q(via=user))
