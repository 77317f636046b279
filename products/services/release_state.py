"""Write what the journals of releases fold to: columns of the release, and a row for each exposure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from products.models import Exposure, Release, ReleaseEvent, ReleaseState
from products.services.feature_moves import follow_releases
from products.services.fold import Folded, fold_events

FOLDED_COLUMNS = ("state", "name", "url", "feature_keys", "planned_for", "released_at", "live_at", "rolled_back_at")


def write_folds(releases: Sequence[Release]) -> None:
    """Fold the journals of ``releases``, which the caller has locked; rows that already say so are left alone.

    Features that a release names follow it when it goes live, or when a live one names them at last.
    """
    journals: dict[int, list[ReleaseEvent]] = defaultdict(list)
    for event in ReleaseEvent.objects.filter(release__in=releases):
        journals[event.release_id].append(event)
    folds: dict[int, Folded] = {}
    changed = []
    went_live = []
    for release in releases:
        before = _carried(release)
        fold = fold_events(journals[release.pk], product=release.product, environment=release.environment)
        folds[release.pk] = fold
        if _set_columns(release, fold):
            changed.append(release)
            went_live.append((release, _carried(release) - before))
    if changed:
        Release.objects.bulk_update(changed, FOLDED_COLUMNS)
    _write_exposures(folds)
    follow_releases(went_live)


def _carried(release: Release) -> frozenset[str]:
    """The features that users have through the release as its columns stand."""
    return frozenset(release.feature_keys if release.state == ReleaseState.LIVE else ())


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
