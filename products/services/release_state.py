"""Write what the journals of releases fold to: columns of the release, and a row for each exposure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from products.models import Exposure, Release, ReleaseEvent
from products.services.fold import Folded, fold_events

FOLDED_COLUMNS = ("state", "name", "url", "feature_keys", "planned_for", "released_at", "live_at", "rolled_back_at")


def write_folds(releases: Sequence[Release]) -> None:
    """Fold the journals of ``releases``, which the caller has locked; rows that already say so are left alone."""
    journals: dict[int, list[ReleaseEvent]] = defaultdict(list)
    for event in ReleaseEvent.objects.filter(release__in=releases):
        journals[event.release_id].append(event)
    folds: dict[int, Folded] = {}
    changed = []
    for release in releases:
        fold = fold_events(journals[release.pk], product=release.product, environment=release.environment)
        folds[release.pk] = fold
        if _set_columns(release, fold):
            changed.append(release)
    if changed:
        Release.objects.bulk_update(changed, FOLDED_COLUMNS)
    _write_exposures(folds)


def _set_columns(release: Release, fold: Folded) -> bool:
    """Whether any column was not yet as the fold says."""
    values: dict[str, Any] = {column: getattr(fold, column) for column in FOLDED_COLUMNS}
    values["feature_keys"] = list(fold.feature_keys)
    differs = any(getattr(release, column) != value for column, value in values.items())
    for column, value in values.items():
        setattr(release, column, value)
    return differs


def _write_exposures(folds: dict[int, Folded]) -> None:
    wanted = {(pk, span.exposed_at): span.rolled_back_at for pk, fold in folds.items() for span in fold.exposures}
    held = {(row.release_id, row.exposed_at): row for row in Exposure.objects.filter(release__in=folds)}
    stale = [row.pk for key, row in held.items() if key not in wanted]
    if stale:
        Exposure.objects.filter(pk__in=stale).delete()
    ended = [row for key, row in held.items() if key in wanted and row.rolled_back_at != wanted[key]]
    for row in ended:
        row.rolled_back_at = wanted[row.release_id, row.exposed_at]
    if ended:
        Exposure.objects.bulk_update(ended, ["rolled_back_at"])
    fresh = sorted(wanted.keys() - held.keys())
    if fresh:
        Exposure.objects.bulk_create(
            Exposure(release_id=pk, exposed_at=start, rolled_back_at=wanted[pk, start]) for pk, start in fresh
        )
