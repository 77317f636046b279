"""Tables of the metrics floor."""

from metrics.models.kpis import (
    Kpi,
    KpiDefinition,
    KpiDirection,
    KpiFamily,
    KpiForm,
    Reading,
    ReadingCorrection,
    ReadingStatus,
    Usage,
)
from metrics.models.rollups import Mark, Rollup, Trouble, WeeklyRollup

__all__ = [
    "Kpi",
    "KpiDefinition",
    "KpiDirection",
    "KpiFamily",
    "KpiForm",
    "Mark",
    "Reading",
    "ReadingCorrection",
    "ReadingStatus",
    "Rollup",
    "Trouble",
    "Usage",
    "WeeklyRollup",
]
