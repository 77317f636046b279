"""Thanks to the allies of a product, for what they passed on and whom they introduced."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from products.models import Product, User

MOST_THANKED = 300


class AllyThank(models.Model):
    """Somebody who stands for ``product`` thanked one of its allies. Rows are only added."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    ally = models.ForeignKey(User, on_delete=models.PROTECT, related_name="thanks", db_index=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.CharField(max_length=MOST_THANKED, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(ally=F("by")), name="feedback_allythank_is_not_to_oneself"),
        ]
        indexes: ClassVar = [
            # The product's page: the newest thank to each ally.
            models.Index(fields=["product", "ally", "-id"], name="feedback_allythank_of_product"),
            # The record of whoever was thanked.
            models.Index(fields=["ally", "-id"], name="feedback_allythank_of_ally"),
        ]

    def __str__(self) -> str:
        return f"{self.by} thanked {self.ally}"
