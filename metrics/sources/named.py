"""Which releases named a KPI, and by which version of which commitment: their own, or that of a feature they carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Named:
    """A KPI as a release is held to it, by the version that stood when users first had it.

    ``exposed_at`` is the first exposure, which locks the version (None: nobody had it yet), ``live_at`` the start of the newest,
    which is the impact clock. A KPI that was named no earlier than ``exposed_at`` is ``is_named_before`` False, and the version
    that stands now speaks. ``controls`` are KPIs in their order. ``product`` is the release's. ``expected_change`` and
    ``detectable`` are as in ``metrics.models.Commitment``.
    """

    kpi: int
    release: int
    commitment: int
    product: int
    feature: int | None
    environment: str
    state: str
    exposed_at: datetime | None
    live_at: datetime | None
    rolled_back_at: datetime | None
    declared_at: datetime
    is_named_before: bool
    is_main: bool
    is_guardrail: bool
    direction: str
    expected_change: Decimal | None
    window_days: int
    roll_out_days: int
    detectable: float | None
    detectable_natural: float | None
    undetectable: str
    controls: tuple[int, ...]


# For one subject and KPI at most one version stood at the exposure; where none did, the one that stands now was named afterwards.
# What a release says of itself goes before what its features say, and of those the earliest.
NAMED = """
WITH asked AS (
    SELECT said.*, feature.product_id AS feature_product FROM metrics_commitment AS said
    LEFT JOIN products_feature AS feature ON feature.id = said.feature_id
    WHERE said.kpi_id = ANY (%(kpis)s) OR said.release_id = %(release)s::bigint
        OR said.feature_id IN (
            SELECT substr(key, 3)::bigint FROM products_release AS carrier, unnest(carrier.feature_keys) AS key
            WHERE carrier.id = %(release)s::bigint AND key ~* '^W-[1-9][0-9]{0,17}$'
        )
), carried AS (
    SELECT carrier.id AS release_id, carrier.product_id, substr(key, 3)::bigint AS feature_id
    FROM products_release AS carrier, unnest(carrier.feature_keys) AS key
    WHERE carrier.product_id IN (SELECT feature_product FROM asked) AND key ~* '^W-[1-9][0-9]{0,17}$'
        AND carrier.id = coalesce(%(release)s::bigint, carrier.id)
), held AS (
    SELECT asked.release_id AS held_by, asked.* FROM asked
    WHERE asked.release_id = coalesce(%(release)s::bigint, asked.release_id)
    UNION ALL
    SELECT carried.release_id, asked.* FROM asked
    JOIN carried ON carried.feature_id = asked.feature_id AND carried.product_id = asked.feature_product
)
SELECT DISTINCT ON (held.kpi_id, release.id)
    held.kpi_id, release.id, held.id, release.product_id, held.feature_id, release.environment, release.state, first.exposed_at,
    release.live_at, release.rolled_back_at, held.declared_at,
    coalesce(held.declared_at < first.exposed_at, TRUE) AS is_named_before, held.is_main, held.is_guardrail, held.direction,
    held.expected_change, held.window_days, held.roll_out_days, held.detectable, held.detectable_natural, held.undetectable,
    ARRAY(SELECT control.kpi_id FROM metrics_commitmentcontrol AS control
        WHERE control.commitment_id = held.id ORDER BY control.place)
FROM held
JOIN products_release AS release ON release.id = held.held_by
LEFT JOIN LATERAL (
    SELECT min(exposed_at) AS exposed_at FROM products_exposure WHERE release_id = release.id
) AS first ON TRUE
WHERE held.superseded_at IS NULL OR (held.declared_at < first.exposed_at AND held.superseded_at >= first.exposed_at)
ORDER BY held.kpi_id, release.id, coalesce(held.declared_at < first.exposed_at, TRUE) DESC,
    (held.feature_id IS NULL) DESC, (held.superseded_at IS NOT NULL) DESC, held.declared_at, held.id
"""


def carriers_of(feature: int) -> list[int]:
    """The releases that carry a feature's key, as the guards of commitments see them. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT metrics_released_with(%s, NULL)", [feature])
        return [release for (release,) in cursor.fetchall()]


def releases_that_named(kpis: Iterable[int]) -> tuple[Named, ...]:
    """Every release that named one of ``kpis``, planned ones included, by KPI and release. One statement."""
    return _read(list(kpis), None)


def named_by(release: int) -> tuple[Named, ...]:
    """Every KPI that the release named, by KPI. One statement."""
    return _read([], release)


def _read(kpis: list[int], release: int | None) -> tuple[Named, ...]:
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"kpis": kpis, "release": release})
        rows = cursor.fetchall()
    return tuple(Named(*map(_frozen, row)) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
