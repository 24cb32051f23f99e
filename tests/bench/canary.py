"""What becomes of simulated canaries: of versions that are as good as the champion, better, and worse.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.canary [--releases 1000] [--only TEXT]

Each release has a champion that is wrong on a tenth of the rows. The challenger is wrong as often, or more or less
often by some points, and where the champion is wrong it's wrong too with a chance of 0.8 (a retrained version) or no
more often than elsewhere (another kind of model). The first look is made after 100 requests, each later one after a
quarter more, by the code that decides where models serve: it takes the evidence after each single row into account, so
the rate of errors depends on the looks no further. Requests have one row, latencies of a log-normal distribution, and
their truth sooner or later.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from mlops.evaluation.closed_form import wilson
from mlops.monitoring.canary.decide import Decision, Rules, decide
from mlops.monitoring.canary.observe import make_blocks, slow_limit
from mlops.monitoring.canary.observed import Observed

SEED = 20261129
ERROR = 0.1
MARGIN = 0.01
START = datetime(2026, 11, 1, tzinfo=UTC)
LASTS = timedelta(days=7)
FIRST_LOOK = 100  # requests


@dataclass(frozen=True)
class Release:
    """A kind of release: by how much more often the challenger is wrong, and how it's tried.

    `alike`: the chance that it's wrong where the champion is. `shadowed`: the share of the champion's rows that it's
    scored on too. `labelled`: the share of the rows whose truth comes. In seven days there are `requests`. `slower`
    multiplies its time, `failing` is the share of its requests that it fails.
    """

    name: str
    worse: float
    requests: int
    share: float = 0.1
    alike: float = 0.8
    shadowed: float = 1.0
    labelled: float = 1.0
    slower: float = 1.0
    failing: float = 0.0


RELEASES = (
    Release("equal, retrained", 0, 50_000),
    Release("equal, another kind of model", 0, 50_000, alike=ERROR),
    Release("equal, no shadow", 0, 50_000, shadowed=0),
    Release("equal, no shadow, half of the requests", 0, 50_000, share=0.5, shadowed=0),
    Release("equal, truth of a tenth", 0, 50_000, labelled=0.1),
    Release("equal, 40 requests a day", 0, 280),
    Release("2 points better, retrained", -0.02, 50_000),
    Release("1 point worse, retrained", 0.01, 50_000),
    Release("5 points worse, retrained", 0.05, 50_000),
    Release("5 points worse, another kind of model", 0.05, 50_000, alike=ERROR),
    Release("5 points worse, no shadow", 0.05, 50_000, shadowed=0),
    Release("5 points worse, no shadow, half of the requests", 0.05, 50_000, share=0.5, shadowed=0),
    Release("5 points worse, truth of a tenth", 0.05, 50_000, labelled=0.1),
    Release("5 points worse, 40 requests a day", 0.05, 280),
    Release("equal, no truth, twice as slow", 0, 50_000, labelled=0, slower=2),
    Release("equal, no truth, fails a tenth", 0, 50_000, labelled=0, failing=0.1),
    Release("equal, no truth, fails one of a thousand", 0, 50_000, labelled=0, failing=0.001),
)


@dataclass(frozen=True, eq=False)
class Traffic:
    """A release's requests in their order [n]: who answers, what both would lose, what is known of it."""

    theirs: np.ndarray
    champion: np.ndarray
    challenger: np.ndarray
    shadowed: np.ndarray
    labelled: np.ndarray
    failed: np.ndarray
    latency: np.ndarray

    @classmethod
    def draw(cls, release: Release, random: np.random.Generator) -> "Traffic":
        n = release.requests
        champion = random.random(n) < ERROR
        elsewhere = (ERROR + release.worse - ERROR * release.alike) / (1 - ERROR)
        challenger = random.random(n) < np.where(champion, release.alike, elsewhere)
        theirs = random.random(n) < release.share
        failed = theirs & (random.random(n) < release.failing)
        latency = random.lognormal(2, 0.4, n) * np.where(theirs & ~failed, release.slower, 1)
        return cls(
            theirs,
            champion.astype(np.float64),
            challenger.astype(np.float64),
            random.random(n) < release.shadowed,
            random.random(n) < release.labelled,
            failed,
            latency,
        )

    def observe(self, until: int) -> Observed:
        """What is known after so many requests."""
        theirs, failed, latency = self.theirs[:until], self.failed[:until], self.latency[:until]
        labelled = self.labelled[:until]
        pairs = labelled & ~theirs & self.shadowed[:until]
        mine, own = labelled & theirs & ~failed, labelled & ~theirs
        lost = np.where(theirs, self.challenger[:until], self.champion[:until])
        limit = slow_limit(latency[~theirs])
        return Observed(
            paired=(self.challenger[:until] - self.champion[:until])[pairs],
            unpaired=make_blocks(lost[mine | own], mine[mine | own]),
            failed=failed[theirs],
            slow=latency[theirs & ~failed] > limit,
            champion_requests=int((~theirs).sum()),
            slow_from=limit,
        )


def simulate(release: Release, seed: int) -> tuple[Decision, int]:
    """The decision about one release, and after how many requests it came."""
    traffic = Traffic.draw(release, np.random.default_rng([SEED, seed]))
    rules = Rules(MARGIN, START + LASTS, "withdraw")
    for until in _looks(release.requests):
        decision = decide(traffic.observe(until), rules, START + LASTS * (until / release.requests))
        if decision.outcome:
            return decision, until
    raise AssertionError("the end decides")


def _looks(requests: int) -> Iterator[int]:
    look = FIRST_LOOK
    while look < requests:
        yield look
        look += look // 4
    yield requests


def run(release: Release, releases: int) -> str:
    """A line of the table about a kind of release."""
    found = [simulate(release, seed) for seed in range(releases)]
    promoted = [until for decision, until in found if decision.outcome == "promote"]
    undecided = [until for decision, until in found if "time is up" in decision.reason]
    withdrawn = [
        until for decision, until in found if decision.outcome == "withdraw" and "time is up" not in decision.reason
    ]
    cells = [release.name]
    for group in (withdrawn, promoted, undecided):
        interval = wilson(len(group) / releases, releases)
        cells.append(f"{len(group) / releases:.1%} ({interval.low:.1%} to {interval.high:.1%})")
    for group in (withdrawn, promoted):
        median, most = np.quantile(group, [0.5, 0.99]) if len(group) >= releases / 20 else (0, 0)
        cells.append(f"{median:,.0f}; {most:,.0f}" if median else "")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=1000)
    parser.add_argument("--only", default="", help="releases whose name has this text")
    options = parser.parse_args()
    print("| release | withdrawn | promoted | undecided | requests to withdraw: half; 99 % | to promote |")
    print("| --- | --: | --: | --: | --: | --: |")
    for release in RELEASES:
        if options.only in release.name:
            print(run(release, options.releases), flush=True)


if __name__ == "__main__":
    main()
