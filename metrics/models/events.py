"""Context: days on which something else moved a product's figures. Effects are read with and without them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from products.models import Product, User
from products.models.base import one_of


class ContextKind(models.TextChoices):
    """What happened."""

    CAMPAIGN = "campaign", "Campaign"
    OUTAGE = "outage", "Outage"
    OFFER = "offer", "Offer"
    HOLIDAY = "holiday", "Holiday"
    OTHER = "other", "Other"


class ContextEvent(models.Model):
    """A campaign, an outage, an offer: of one product, or of the whole company where it names none.

    Both days belong to it, by the product's calendar. Without a last day it goes on.
    """

    Kind = ContextKind
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="context_events", db_index=False
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=ContextKind)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    noted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("kind", ContextKind.values, name="metrics_contextevent_kind_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="metrics_contextevent_has_a_name"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="metrics_contextevent_ends_no_earlier_than_it_begins",
            ),
            models.UniqueConstraint(
                fields=["product", "name", "first_day"], nulls_distinct=False, name="metrics_contextevent_noted_once"
            ),
        ]
        # The masks of a product's KPIs and the list of its events; those of the company are found by its NULL.
        indexes: ClassVar = [models.Index(fields=["product", "first_day"], name="metrics_events_by_day")]

    def __str__(self) -> str:
        return self.name
