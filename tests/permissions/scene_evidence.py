"""What the routes of commitments, context events, experiments and decisions are asked about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.models import Kpi
from metrics.services.rollups import refresh
from products.models import Release
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_event, make_feature, make_release

SAID = {"direction": "rise", "window_days": "14", "roll_out_days": "0"}
RESULT = {
    "scale": "relative",
    "effect": "4",
    "low": "1",
    "high": "7",
    "level": "0.95",
    "with_it": "9",
    "without_it": "9",
}


def _measured(cast: Cast, kpi: Kpi) -> Release:
    """A release with an estimate, though one that cannot say anything yet."""
    now = datetime.now(UTC)
    release = make_release(cast.checkout, "0.9")
    make_commitment(cast.emil, release, kpi, declared_at=now - timedelta(days=9))
    expose(release, now - timedelta(days=8))
    refresh(now=now)
    return release


def sent(cast: Cast, kpi: Kpi, release: Release) -> dict[str, tuple[dict[str, Any], Any]]:
    """The objects in the address and what a writing verb sends, by route name."""
    feature, event = (
        make_feature(cast.emil, cast.checkout),
        make_event(cast.emil, cast.checkout, date(2026, 6, 1), None),
    )
    of, on = {"number": feature.pk}, {"number": release.pk}
    named, measured = {"slug": kpi.slug}, {"kpi": kpi.slug}
    noted = {"product": "checkout", "name": "Offer", "kind": "offer", "first_day": "2026-06-01"}
    result = {"release": release.key, **measured, "effect": 0.1, "low": 0, "high": 0.2, "scale": "relative", "with_it": 9,
              "without_it": 9}  # fmt: skip
    return {
        "feature_kpis": (of, None),
        "feature_kpi": ({**of, **named}, SAID),
        "feature_kpi_taken_back": ({**of, **named}, {}),
        "release_effect_csv": ({"number": _measured(cast, kpi).pk, **named}, None),
        "release_kpis": (on, None),
        "release_kpi": ({**on, **named}, SAID),
        "release_kpi_taken_back": ({**on, **named}, {}),
        "release_experiment": ({**on, **named}, RESULT),
        "release_experiment_taken_back": ({**on, **named}, {}),
        "decide_release": (on, {"decided": "keep", "reason": "It earns."}),
        "settings_new_event": ({}, noted),
        "settings_event": ({"number": event.pk}, {**noted, "version": ""}),
        "settings_event_gone": ({"number": event.pk}, {}),
        "api_effects": ({}, None),
        "api_commitments": ({}, {"subject": feature.key, **measured, "direction": "rise"}),
        "api_commitment_taken_back": ({}, {"subject": feature.key, **measured}),
        "api_events": ({}, noted),
        "api_event_removed": ({}, {"product": "checkout", "name": event.name, "first_day": "2026-06-01"}),
        "api_experiments": ({}, result),
        "api_experiment_taken_back": ({}, {"release": release.key, **measured}),
    }
