"""What all readings of one series share, worked out once. The caller owns it and lets it go; nothing is kept anywhere else."""

from dataclasses import dataclass, field

from metrics.stats.gaps import Gaps, Shape, expectation
from metrics.stats.scale import Era, Scale, era_of, z_of
from metrics.stats.series import Floats, Series


@dataclass(slots=True, eq=False)
class Past:
    """A series and what was worked out from it so far, by scale and shape. Reading through a shared one or an own one is the same."""

    series: Series
    _eras: dict[int, Era] = field(init=False, default_factory=dict)
    _z: dict[Scale, Floats] = field(init=False, default_factory=dict)
    _gaps: dict[tuple[Scale, Shape], Gaps] = field(init=False, default_factory=dict)

    def era(self, begin: int) -> Era:
        """The running sums of the definition that holds from ``begin`` on."""
        if begin not in self._eras:
            self._eras[begin] = era_of(self.series, begin)
        return self._eras[begin]

    def z(self, scale: Scale) -> Floats:
        """z of the whole series."""
        if scale not in self._z:
            self._z[scale] = z_of(self.series, scale)
        return self._z[scale]

    def gaps(self, scale: Scale, shape: Shape) -> Gaps:
        """The comparisons of every date for one shape."""
        key = (scale, shape)
        if key not in self._gaps:
            z, season = self.z(scale), self.series.cadence.season
            self._gaps[key] = Gaps(z, expectation(z, season, shape.weeks), shape, season, scale.closed)
        return self._gaps[key]
