"""What a lead makes of an internal product in a quarter: words beside the figures, in versions that stay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from products.models import Product, User

MOST_WORDS = 4_000


class Assessment(models.Model):
    """One version of a lead's assessment of a Type I product in a quarter; ``quarter`` is its first day. Only ever added to.

    Triggers guard that a lead of the owning team writes it, that he is not the product's PM, and that versions follow each other.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="assessments", db_index=False)
    quarter = models.DateField()
    version = models.PositiveSmallIntegerField()
    became_possible = models.TextField(max_length=MOST_WORDS)
    otherwise = models.TextField(max_length=MOST_WORDS)
    says_who = models.TextField(max_length=MOST_WORDS)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "quarter", "version"], name="metrics_assessment_one_per_version"
            ),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]), name="metrics_assessment_is_of_a_quarter"
            ),
            models.CheckConstraint(
                condition=~Q(became_possible="") & ~Q(otherwise="") & ~Q(says_who=""),
                name="metrics_assessment_answers_every_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in the quarter of {self.quarter}, version {self.version}"
