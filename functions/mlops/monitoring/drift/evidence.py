"""Evidence: the wealth of a gambler who bets against "nothing has changed" and can't win if that's true."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from mlops.monitoring.drift.alternatives import ADAPTIVE, Alternatives
from mlops.monitoring.drift.cells import Floats, Ints

AT_ONCE = 0.2
"""The share of the wealth that bets on drift from the version's first row on."""
HALF_LIFE = 180.0
"""Days after which half of the rest has been bet on some start of a drift."""
MEMORY = 2.0
"""Days after which a row counts half in what the adaptive alternatives have learnt."""
NOISE = 2.0
"""A likelihood ratio whose logarithm is no greater isn't taken for the start of a drift."""


def opened_share(days: float) -> float:
    """The share of the wealth that bets on a drift that starts within so many days after the version's first row."""
    return AT_ONCE + (1 - AT_ONCE) * days / (days + HALF_LIFE)


@dataclass(frozen=True)
class Evidence:
    """A test martingale against the exchangeability of reference rows and new rows, over K cells.

    `balls` [K] is Pólya's urn (see Cells): the reference's gaps and every row since. `recent` [K] are the rows that the
    adaptive alternatives remember. For each of J alternatives: `log_wealth` is the logarithm of the wealth that has
    been bet on it, over all starts; `log_best` is Page's statistic (Biometrika 41, 1954): the logarithm of the
    likelihood ratio since the most likely start of a drift, which is `starts` (seconds since 1970). `opened` is the
    share of the initial wealth that has been bet so far, `log_peak` the greatest logarithm of all wealth after any row.

    Bets on an alternative from a start on multiply by the likelihood ratio of each row's cell. All starts and
    alternatives together are a mixture with weights that sum to at most 1 over the whole life, so the sum of all wealth
    is a nonnegative martingale that starts at 1: it ever reaches 1 / a with a chance of at most a (Ville, 1939), and it
    keeps its power however long nothing happens. The mixture over starts is Shiryaev's and Roberts's statistic with
    weights that can be summed (Shin, Ramdas, Rinaldo: E-detectors, 2024); testing exchangeability by betting is Vovk's
    (Testing randomness online, Statistical Science 36, 2021).
    """

    balls: Ints
    recent: Floats
    opened: float
    log_wealth: Floats
    log_best: Floats
    starts: Ints
    log_peak: float

    @classmethod
    def begin(cls, gaps: Ints, alternatives: Alternatives) -> Self:
        """Before the first row."""
        count = len(alternatives.weights)
        return cls(
            gaps, np.zeros(len(gaps)), 0.0, np.full(count, -np.inf), np.zeros(count), np.zeros(count, np.int64), 0.0
        )

    def open(self, share: float, start: int, days: float) -> Self:
        """Bet the share of the wealth that is due by `start` (seconds since 1970) and not bet yet on a drift from then.

        `days` have passed since the last rows.
        """
        with np.errstate(divide="ignore"):
            stake = np.log(share - self.opened)
        opens = self.log_best <= NOISE
        return replace(
            self,
            recent=np.round(self.recent * 0.5 ** (days / MEMORY), 2),
            opened=share,
            log_wealth=np.logaddexp(self.log_wealth, stake),
            log_best=np.where(opens, 0.0, self.log_best),
            starts=np.where(opens, start, self.starts),
        )

    def add(self, cells: Ints, alternatives: Alternatives) -> Self:
        """After rows in these cells, in this order."""
        gains = np.vstack(
            [_fixed_gains(self.balls, cells, alternatives), _adaptive_gains(self.balls, self.recent, cells)]
        )
        paths = np.cumsum(gains, axis=1)
        bets = (np.log(alternatives.weights) + self.log_wealth)[:, None] + paths
        totals = np.logaddexp(np.log1p(-self.opened), _log_sum(bets))
        counts = np.bincount(cells, minlength=len(self.balls))
        gain = paths[:, -1] if len(cells) else 0.0
        return replace(
            self,
            balls=self.balls + counts,
            recent=self.recent + counts,
            log_wealth=_round_down(self.log_wealth + gain),
            log_best=_round_down(self.log_best + gain),
            log_peak=max(self.log_peak, float(totals.max(initial=-np.inf))),
        )

    def start(self, alternatives: Alternatives) -> int:
        """The most likely start of a drift, in seconds since 1970, should there be one."""
        return int(self.starts[np.argmax(np.log(alternatives.weights) + self.log_best)])

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON; the logarithm of nothing is None."""
        return {
            "balls": self.balls.tolist(),
            "recent": self.recent.tolist(),
            "opened": self.opened,
            "log_wealth": [None if log == -np.inf else log for log in self.log_wealth.tolist()],
            "log_best": self.log_best.tolist(),
            "starts": self.starts.tolist(),
            "log_peak": self.log_peak,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The evidence that `to_dict` described."""
        return cls(
            np.array(fields["balls"], np.int64),
            np.array(fields["recent"], np.float64),
            fields["opened"],
            np.array([-np.inf if log is None else log for log in fields["log_wealth"]], np.float64),
            np.array(fields["log_best"], np.float64),
            np.array(fields["starts"], np.int64),
            fields["log_peak"],
        )


def _fixed_gains(balls: Ints, cells: Ints, alternatives: Alternatives) -> Floats:
    """log tilt(cell) / E[tilt(cell) | rows before], alternatives by rows."""
    tilts = alternatives.tilts[:, cells]
    before = np.cumsum(tilts, axis=1) - tilts + (alternatives.tilts @ balls)[:, None]
    gains: Floats = np.log(tilts * (balls.sum() + np.arange(len(cells))) / before)
    return gains


def _adaptive_gains(balls: Ints, recent: Floats, cells: Ints) -> Floats:
    """log q(cell) / p(cell): p is the urn's chance, q that of a smaller urn of recent rows with a prior like p."""
    rows = np.arange(len(cells))
    earlier = _earlier_of_its_kind(cells)
    chance = (balls[cells] + earlier) / (balls.sum() + rows)
    learnt = recent[cells] + earlier
    known = recent.sum() + rows
    return np.array([np.log((strength + learnt / chance) / (strength + known)) for strength in ADAPTIVE], np.float64)


def _log_sum(logs: Floats) -> Floats:
    top = logs.max(axis=0)
    total: Floats = top + np.log(np.exp(logs - top).sum(axis=0))
    return total


def _earlier_of_its_kind(cells: Ints) -> Ints:
    """For each row the number of rows before it in the same cell."""
    order = np.argsort(cells, kind="stable")
    grouped = cells[order]
    earlier = np.empty(len(cells), np.int64)
    earlier[order] = np.arange(len(cells)) - np.searchsorted(grouped, grouped)
    return earlier


def _round_down(logs: Floats) -> Floats:
    """So that the state stays small; up, and there would be something to win."""
    rounded: Floats = np.floor(logs * 1e4) / 1e4
    return rounded
