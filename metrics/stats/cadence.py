"""How often a KPI is read, and the lengths that follow from it: seasons, baselines, horizons and how far back the past reaches."""

from dataclasses import dataclass

METHOD = "placebo-in-time 1"
# A day's expectation rests on the same weekday one, two, three and four weeks before, the nearest most.
WEIGHTS = (8.0, 4.0, 2.0, 1.0)
LEAST_DF = 3.0


@dataclass(frozen=True, slots=True)
class Cadence:
    """All lengths are in steps: days of a daily KPI, weeks of a weekly one.

    ``season`` steps make one whole baseline week, of which there are at most four. Releases less than ``chain`` steps apart are
    read together, over at most ``longest_bundle`` steps.
    """

    step: str
    season: int
    past: int
    chain: int
    longest_bundle: int
    least_after: int
    least_history: int
    horizons: tuple[int, ...]

    @property
    def baseline(self) -> int:
        """Steps of a whole baseline."""
        return self.season * len(WEIGHTS)

    def block(self, roll_out: int, horizon: int) -> int:
        """Steps after which one comparison shares no day with the next: what one degree of freedom costs."""
        return self.baseline + roll_out + horizon


DAILY = Cadence("day", 7, 400, 7, 14, 7, 28, (7, 14, 28))
WEEKLY = Cadence("week", 1, 104, 1, 2, 2, 4, (2, 4))
