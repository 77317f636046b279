"""Releases: the journal of events that clients sent, and what it folds to."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex, OpClass
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat

from products.models.base import LIKENESS, one_of
from products.models.products import Product


class ReleaseState(models.TextChoices):
    """Where a release stands."""

    PLANNED = "planned", "Planned"
    RELEASED = "released", "Released, not live yet"
    LIVE = "live", "Live"
    ROLLED_BACK = "rolled_back", "Rolled back"


def release_words() -> Concat:
    """What a release is found by: its name and its version, as the index holds them."""
    return Concat("name", Value(" "), "version", output_field=models.TextField())


def release_time() -> Coalesce:
    """What releases are listed by: when it went live, or else was released, is planned or was taken back."""
    return Coalesce("live_at", "released_at", "planned_for", "rolled_back_at")


class Release(models.Model):
    """One version of a product in one environment: the fold of its events, in whatever order they came."""

    State = ReleaseState
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="releases")
    environment = models.CharField(max_length=60)
    version = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    feature_keys = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=12, choices=ReleaseState)
    planned_for = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True, help_text="Start of the newest exposure; the impact clock.")
    rolled_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "environment", "version"], name="products_release_one_per_version"
            ),
            one_of("state", ReleaseState.values, name="products_release_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="live") | models.Q(live_at__isnull=False, rolled_back_at__isnull=True),
                name="products_release_live_has_a_clock",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="rolled_back") | models.Q(rolled_back_at__isnull=False),
                name="products_release_rolled_back_has_a_time",
            ),
        ]
        # Serves the markers on charts and the release lists of the product and team pages.
        indexes: ClassVar = [
            models.Index(fields=["product", "live_at"], name="products_release_by_live"),
            GistIndex(OpClass(release_words(), name=LIKENESS), name="products_release_by_likeness"),
            models.Index(release_time().desc(nulls_last=True), F("id").desc(), name="products_release_newest_first"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """The short key that people read, for example ``R-123``."""
        return f"R-{self.pk}"

    @property
    def title(self) -> str:
        """The name, or the version where nobody gave one."""
        return self.name or self.version


class Exposure(models.Model):
    """One span in which users had the release; exposing again after a rollback starts another."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="exposures")
    exposed_at = models.DateTimeField()
    rolled_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "exposed_at"], name="products_exposure_one_per_start"),
            models.CheckConstraint(
                condition=models.Q(rolled_back_at__isnull=True) | models.Q(rolled_back_at__gte=models.F("exposed_at")),
                name="products_exposure_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} from {self.exposed_at:%Y-%m-%d}"


class EventKind(models.TextChoices):
    """What can happen to a release."""

    PLANNED = "planned", "Planned"
    RELEASED = "released", "Released"
    EXPOSED = "exposed", "Exposed"
    ROLLED_BACK = "rolled_back", "Rolled back"


class ReleaseEvent(models.Model):
    """What a client said happened to a release. Never changed; erasing leaves a tombstone."""

    Kind = EventKind
    source = models.CharField(max_length=80)
    event_id = models.CharField(max_length=200)
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of the event's meaning; tells replay from conflict."
    )
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=EventKind)
    occurred_at = models.DateTimeField()
    sequence = models.IntegerField(default=0)
    recorded_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "event_id"], name="products_releaseevent_once_for_ever"),
            one_of("kind", EventKind.values, name="products_releaseevent_kind_is_known"),
            models.CheckConstraint(
                condition=~models.Q(source="") & ~models.Q(event_id=""), name="products_releaseevent_has_a_key"
            ),
        ]
        # Serves the fold, which reads one release's events in order.
        indexes: ClassVar = [
            models.Index(fields=["release", "occurred_at", "sequence", "event_id"], name="products_event_fold_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.release}"
