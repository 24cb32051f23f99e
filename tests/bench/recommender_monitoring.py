"""How often does a year of a healthy shop have an alarm, and how soon is a broken catalogue found?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender_monitoring

The test is monitoring's own, day after day, with the days that it had by then. A simulated shop has a usual share of
answers with a click, a week (weekends differ), days that differ by themselves (log-normal; good days may follow each
other), a slow trend over the year, and users who ask several times, each with a chance to click of their own. A broken
catalogue loses a share of all clicks from a day on.
"""

import argparse
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from mlops.evaluation.closed_form import wilson
from mlops.monitoring.recommendations.click_test import MOST_DAYS, compare_day, is_enough, is_usual
from mlops.monitoring.recommendations.share import Share, Sums
from mlops.monitoring.recommender_facts import ClickTestFacts
from mlops.spec.click_through import ClickThrough

RULES = ClickThrough()
DAYS = 365
LOST = (0.5, 0.65, 0.8, 0.9)
BEGINNINGS = (14, 60)


@dataclass(frozen=True)
class Shop:
    """A shop: users a day, answers a user, the share with a click, and how days differ: relative standard deviations
    of days and of the week, what's left of the share after a year, and the correlation of a day with the next one."""

    name: str
    users: int
    answers: float = 3.0
    clicks: float = 0.08
    noise: float = 0.08
    week: float = 0.08
    trend: float = 1.0
    memory: float = 0.0

    def draw(self, number: int, luck: float, rng: np.random.Generator, lost: float = 0.0) -> Share:
        """A day's share, of which `lost` never arrives; `luck` is standard normal."""
        week = 1 + self.week * sqrt(2) * np.sin(2 * np.pi * number / 7)
        usual = self.clicks * week * self.trend ** (number / DAYS) * exp(self.noise * luck - self.noise**2 / 2)
        users = max(2, rng.poisson(self.users))
        n = rng.geometric(1 / self.answers, users).astype(float)
        # A user's own chance: beta, with a correlation of 0.1 between the answers of a user.
        chance = rng.beta(9 * min(usual, 0.9), 9 * (1 - min(usual, 0.9)), users)
        y = rng.binomial(n.astype(int), chance * (1 - lost)).astype(float)
        return Share.of(Sums(users, n.sum(), y.sum(), float(n @ n), float(y @ y), float(n @ y)))


SHOPS = (
    Shop("small", 200),
    Shop("middle", 1_000),
    Shop("large", 4_000),
    Shop("restless days", 1_000, noise=0.15),
    Shop("strong week", 1_000, week=0.2),
    Shop("fades by half in the year", 1_000, trend=0.5),
    Shop("rare clicks", 1_000, clicks=0.01),
    Shop("good days follow each other", 1_000, noise=0.15, memory=0.7),
)


class Days:
    """A shop's days, one after the other."""

    def __init__(self, shop: Shop, rng: np.random.Generator) -> None:
        self._shop, self._rng = shop, rng
        self._luck = rng.normal()

    def draw(self, number: int, lost: float = 0.0) -> Share:
        """The next one, with its number in the week and the year."""
        memory = self._shop.memory
        self._luck = memory * self._luck + sqrt(1 - memory**2) * self._rng.normal()
        return self._shop.draw(number, self._luck, self._rng, lost)


class Past:
    """The days that monitoring had by then, as it reads them."""

    def __init__(self) -> None:
        self._days: list[tuple[Share, ClickTestFacts]] = []

    def compare(self, day: Share) -> ClickTestFacts:
        recent = self._days[-MOST_DAYS:]
        usual = [
            (share, len(recent) - place)
            for place, (share, facts) in enumerate(recent)
            if is_usual(facts) and is_enough(share, RULES)
        ]
        unusual = sum(not is_usual(facts) for _, facts in recent)
        facts = compare_day(day, [share for share, _ in usual], RULES, unusual, [ago for _, ago in usual])
        self._days.append((day, facts))
        return facts


def is_silent(shop: Shop, rng: np.random.Generator) -> bool:
    """Whether a healthy year has no alarm."""
    past, days = Past(), Days(shop, rng)
    return not any(past.compare(days.draw(number)).alarm for number in range(DAYS))


def find_after(shop: Shop, lost: float, beginning: int, rng: np.random.Generator, most: int = 7) -> int | None:
    """On which day of the harm, from 1, it's found; None if it isn't in `most` days."""
    past, days = Past(), Days(shop, rng)
    start = int(rng.integers(7))
    for number in range(beginning):
        past.compare(days.draw(start + number))
    for number in range(most):
        if past.compare(days.draw(start + beginning + number, lost)).alarm:
            return number + 1
    return None


def describe(found: int, trials: int) -> str:
    """A count with its share and interval."""
    interval = wilson(found / trials, trials)
    return f"{found} of {trials} ({100 * interval.low:.1f} to {100 * interval.high:.1f} %)"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=100, help="healthy years of each shop (100)")
    parser.add_argument("--breaks", type=int, default=100, help="broken catalogues of each kind and shop (100)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| shop | healthy years without an alarm |\n|---|---|")
    silent = 0
    for place, shop in enumerate(SHOPS):
        streams = np.random.SeedSequence([options.seed, 1, place]).spawn(options.years)
        count = sum(is_silent(shop, np.random.default_rng(each)) for each in streams)
        silent += count
        print(f"| {shop.name} | {describe(count, options.years)} |", flush=True)
    print(f"| all | {describe(silent, options.years * len(SHOPS))} |")
    kinds = [(beginning, lost) for beginning in BEGINNINGS for lost in LOST]
    heads = [f"{lost:.0%} of clicks lost after {beginning} days" for beginning, lost in kinds]
    print(f"\n| shop: found on the first day | {' | '.join(heads)} |\n|---|{'---|' * len(kinds)}")
    for place, shop in enumerate(SHOPS):
        cells = []
        for kind, (beginning, lost) in enumerate(kinds):
            streams = np.random.SeedSequence([options.seed, 2, place, kind]).spawn(options.breaks)
            days = [find_after(shop, lost, beginning, np.random.default_rng(each)) for each in streams]
            week = sum(day is not None for day in days)
            cells.append(f"{describe(days.count(1), options.breaks)}; {week} within 7 days")
        print(f"| {shop.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
