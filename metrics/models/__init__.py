"""Tables of the metrics floor."""

from metrics.models.kpis import Kpi, KpiDefinition, Reading, ReadingCorrection, Usage
from metrics.models.rollups import Mark, Rollup, Trouble, WeeklyRollup

__all__ = [
    "Kpi",
    "KpiDefinition",
    "Mark",
    "Reading",
    "ReadingCorrection",
    "Rollup",
    "Trouble",
    "Usage",
    "WeeklyRollup",
]
