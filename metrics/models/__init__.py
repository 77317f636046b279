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
from metrics.models.uploads import Upload

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
    "Upload",
    "Usage",
    "WeeklyRollup",
]
