"""Staged exposure: from which day on which share of the users is to have a release."""

from datetime import date, datetime

from django.db import transaction

from products.models import ExposureStage, ProductType, Release, User


class BadStage(Exception):
    """The stage does not fit; the message says why."""


@transaction.atomic
def set_stage(*, release: Release, day: date, percent: int, by: User, now: datetime) -> ExposureStage:
    """Say that from ``day`` on ``percent`` of the users have the release; of a day told before, anew.

    A share may fall again: that is how one steps back without rolling back. Raises ``BadStage``.
    """
    held = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=release.pk)
    if held.product.type != ProductType.EXTERNAL:
        raise BadStage(f"{held.product.name} is for colleagues: its releases are announced, not staged.")
    if not 0 <= percent <= 100:
        raise BadStage("Write a share from 0 to 100 per cent.")
    told = {"percent": percent, "noted_by": by, "noted_at": now}
    return ExposureStage.objects.update_or_create(release=held, day=day, defaults=told)[0]


@transaction.atomic
def drop_stage(*, release: Release, day: date) -> None:
    """Take a stage back; where none is nothing happens."""
    ExposureStage.objects.filter(release=release, day=day).delete()
