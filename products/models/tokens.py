"""API tokens: hashed, scoped to one product or one team, and only as strong as their maker."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Greatest, Least, Lower

from products.models.base import one_of
from products.models.people import Team, User
from products.models.products import Product


class Scope(models.TextChoices):
    """What a token may do; ``read`` reads what its maker may read."""

    RELEASE_WRITE = "release:write", "Write releases"
    KPI_WRITE = "kpi:write", "Write KPI readings"
    USAGE_WRITE = "usage:write", "Write usage"
    FEEDBACK_WRITE = "feedback:write", "Write feedback"
    ENABLEMENT_WRITE = "enablement:write", "Write enablements"
    EFFECT_WRITE = "effect:write", "Write commitments and events"
    READ = "read", "Read"


class TokenKind(models.TextChoices):
    """Who holds a token."""

    CI = "ci", "CI or pipeline"
    PAT = "pat", "Personal"


class Life(models.Func):
    """The instants ``[start, end)``; an end of NULL is open."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def name_is_free(reach: str, *, name: str) -> ExclusionConstraint:
    """While a token lives, no other for the same product or team bears its name; one that was rolled makes way."""
    ended = Greatest("created_at", Least("revoked_at", "expires_at"))  # LEAST passes over NULL
    return ExclusionConstraint(
        name=name,
        expressions=[
            (reach, RangeOperators.EQUAL),
            (Lower("name"), RangeOperators.EQUAL),
            (Life("created_at", ended), RangeOperators.OVERLAPS),
        ],
        condition=models.Q(**{f"{reach}__isnull": False, "rolled_at__isnull": True}),
    )


class ApiToken(models.Model):
    """One client's key. The secret itself is never stored. A rolled one lives on for a day beside its successor."""

    Kind = TokenKind
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=3, choices=TokenKind)
    digest = models.CharField(max_length=64, unique=True, help_text="HMAC-SHA256 of the secret with the pepper.")
    prefix = models.CharField(max_length=12)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="tokens")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tokens")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    rolled_at = models.DateTimeField(null=True, blank=True, help_text="When a successor took its name.")
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="products_apitoken_has_a_name"),
            name_is_free("product", name="products_apitoken_one_name_for_a_product"),
            name_is_free("team", name="products_apitoken_one_name_for_a_team"),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=models.Q(replaces__isnull=False),
                name="products_apitoken_is_rolled_once",
            ),
            one_of("kind", TokenKind.values, name="products_apitoken_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(product__isnull=True) ^ models.Q(team__isnull=True),
                name="products_apitoken_reaches_one_product_or_one_team",
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=sorted(Scope.values)) & ~models.Q(scopes=[]),
                name="products_apitoken_scopes_are_known",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="products_apitoken_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return self.name
