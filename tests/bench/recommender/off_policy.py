"""How often intervals of off-line comparisons hold the truth, and how wide they are, over 1,000 simulated policies.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.off_policy [--policies 1000]

Each policy shows one of 20 items, whose click rates are drawn. *Both by chance*: the policy that was used and the one
that is judged both draw their items. *A tenth explored*, *three tenths explored*: the one that was used shows its best
item, and any item in a share of answers; the one that is judged always shows its own best item. *Nearly the same*: both
show the same item most often. Beside the intervals of `mlops.evaluation.off_policy` are those of the delta method and
of the studentised bootstrap.

Then the same with users who have several units each, two on average, or eight of those who click nine times as often as
the others: intervals by users, beside those of the delta method, which takes all units for independent. Where too few
users count, there's no interval by users: coverage is that of the others.
"""

import argparse
import math
from collections.abc import Callable

import numpy as np
from scipy.stats import t as student

from mlops.evaluation.closed_form import wilson
from mlops.evaluation.off_policy import Floats, Logged, estimate_difference, estimate_value

ITEMS = 20
UNITS = (300, 3_000)
USERS = (100, 600)
EAGER, ANSWERS = (0.2, 1.8), (2, 8)
"""Of either half of the users: how many times as often as on average they click, and their answers on average."""
RESAMPLES = 400
NOT_BY_USERS = "delta method, not by users"
type Ends = tuple[float, float]
type Chances = tuple[Floats, Floats]


def main() -> None:
    """Print a table of coverages and mean widths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policies", type=int, default=1_000)
    policies = parser.parse_args().policies
    methods = ("betting", "delta method", "studentised bootstrap", "betting, difference")
    print(f"| policies, units | {' | '.join(methods)} |\n|---|{'---|' * len(methods)}")
    for name, draw in KINDS.items():
        for units in UNITS:
            cells = _measure(draw, units, policies)
            print(f"| {name}, {units:,} | {' | '.join(cells[method] for method in methods)} |", flush=True)
    by_users = ("by users", "no interval by users", NOT_BY_USERS, "difference by users")
    print(f"\n| policies, users | {' | '.join(by_users)} |\n|---|{'---|' * len(by_users)}")
    for name, draw in KINDS.items():
        for users in USERS:
            cells = _measure_by_users(draw, users, policies)
            print(f"| {name}, {users:,} | {' | '.join(cells[method] for method in by_users)} |", flush=True)


def _measure_by_users(draw: Callable[[np.random.Generator], Chances], users: int, policies: int) -> dict[str, str]:
    """Coverage with its interval and mean width of intervals by users and not, and how many aren't told."""
    rng = np.random.default_rng([users, 12])
    found: dict[str, list[tuple[bool, float]]] = {"by users": [], NOT_BY_USERS: [], "difference by users": []}
    for seed in range(policies):
        used, judged = draw(rng)
        clicks = np.clip(rng.beta(1, rng.choice([4, 10, 30]), size=ITEMS), 0.002, 0.5)
        kind = rng.integers(2, size=users)
        user = np.repeat(np.arange(users), rng.geometric(1 / np.array(ANSWERS)[kind]))
        eagerness = np.array(EAGER)[kind]
        shown = rng.choice(ITEMS, len(user), p=used)
        rewards = (rng.random(len(user)) < clicks[shown] * eagerness[user]).astype(np.float64)
        weights = judged / used
        largest = float(weights.max())
        by_user = Logged(rewards, weights[shown], largest, user)
        # Who clicks more has more answers: of an answer the mean is that of users weighed by theirs.
        usual = float(np.dot(EAGER, ANSWERS) / sum(ANSWERS))
        value, before = usual * float(judged @ clicks), usual * float(used @ clicks)
        plain = Logged(rewards, np.ones(len(user)), 1.0, user)
        estimates = {
            "by users": (value, estimate_value(by_user, seed)),
            "difference by users": (value - before, estimate_difference(by_user, plain, seed)),
        }
        for method, (truth, estimate) in estimates.items():
            if interval := estimate.interval:
                held = interval.low <= truth <= interval.high
                found[method].append((held, interval.high - interval.low))
        low, high = delta(by_user)
        found[NOT_BY_USERS].append((low <= value <= high, min(high, 1) - max(low, 0)))
    cells = {method: _describe(each) for method, each in found.items()}
    return {**cells, "no interval by users": f"{policies - len(found['by users'])} of {policies}"}


def _describe(found: list[tuple[bool, float]]) -> str:
    if not found:
        return "none"
    held, count = sum(each for each, _ in found), len(found)
    interval = wilson(held / count, count)
    width = np.mean([width for _, width in found])
    return f"{held} of {count} ({interval.low:.1%} to {interval.high:.1%}), {width:.3f}"


def _measure(draw: Callable[[np.random.Generator], Chances], units: int, policies: int) -> dict[str, str]:
    """Each method's coverage and mean width, the range of rewards, 0 to 1, where it has no interval."""
    rng = np.random.default_rng([units, 11])
    found: dict[str, list[tuple[bool, float]]] = {}
    for seed in range(policies):
        used, judged = draw(rng)
        clicks = np.clip(rng.beta(1, rng.choice([4, 10, 30]), size=ITEMS), 0.002, 0.9)
        shown = rng.choice(ITEMS, units, p=used)
        rewards = (rng.random(units) < clicks[shown]).astype(np.float64)
        weights = judged / used
        logged = Logged(rewards, weights[shown], float(weights.max()))
        plain = Logged(rewards, np.ones(units), 1.0)
        value, before = float(judged @ clicks), float(used @ clicks)
        ends = {"betting": _betting(logged, seed), "delta method": delta(logged)}
        ends["studentised bootstrap"] = bootstrap(logged, rng)
        for method, (low, high) in ends.items():
            found.setdefault(method, []).append((low <= value <= high, min(high, 1) - max(low, 0)))
        interval = estimate_difference(logged, plain, seed).interval
        low, high = (interval.low, interval.high) if interval else (-1.0, 1.0)
        found.setdefault("betting, difference", []).append((low <= value - before <= high, high - low))
    return {
        method: f"{np.mean([held for held, _ in each]):.1%} ({np.mean([width for _, width in each]):.3f})"
        for method, each in found.items()
    }


def _betting(logged: Logged, seed: int) -> Ends:
    interval = estimate_value(logged, seed).interval
    return (interval.low, interval.high) if interval else (0.0, 1.0)


def delta(logged: Logged) -> Ends:
    """The value give or take Student's t times the linearised standard error; all of 0 to 1 without weights."""
    total, count = logged.weights.sum(), len(logged.weights)
    if total == 0:
        return 0.0, 1.0
    residuals = logged.weights * (logged.rewards - logged.value)
    reach = student.ppf(0.975, count - 1) * math.sqrt((residuals**2).sum() * count / (count - 1)) / total
    return logged.value - reach, logged.value + reach


def bootstrap(logged: Logged, rng: np.random.Generator) -> Ends:
    """The studentised bootstrap of the ratio, each resample measured in its own linearised standard errors."""
    total, count = logged.weights.sum(), len(logged.weights)
    if total == 0:
        return 0.0, 1.0
    taken = logged.weights > 0
    weights, rewards = logged.weights[taken], logged.rewards[taken]
    # Units without weight count only by how many they are: those with weight are drawn binomially.
    drawn = rng.multinomial(count, np.append(np.full(len(weights), 1 / count), 1 - len(weights) / count), RESAMPLES)
    drawn = drawn[:, :-1]
    sums = drawn @ weights
    drawn, sums = drawn[sums > 0], sums[sums > 0]
    values = drawn @ (weights * rewards) / sums
    squares = (drawn * (weights * (rewards - values[:, np.newaxis])) ** 2).sum(axis=1)
    errors = np.sqrt(squares) / sums
    known = errors > 0
    if not known.any():
        return 0.0, 1.0
    own = float(np.sqrt((weights**2 * (rewards - logged.value) ** 2).sum()) / total)
    low, high = np.quantile((values - logged.value)[known] / errors[known], [0.025, 0.975])
    return float(logged.value - high * own), float(logged.value - low * own)


def _by_chance(rng: np.random.Generator) -> Chances:
    used, judged = (np.exp(rng.normal(size=ITEMS) * rng.choice([0.5, 1.0, 2.0])) for _ in range(2))
    return used / used.sum(), judged / judged.sum()


def _explored(share: float) -> Callable[[np.random.Generator], Chances]:
    def draw(rng: np.random.Generator) -> Chances:
        used, judged = np.full(ITEMS, share / ITEMS), np.zeros(ITEMS)
        used[rng.integers(ITEMS)] += 1 - share
        judged[rng.integers(ITEMS)] = 1
        return used, judged

    return draw


def _nearly_the_same(rng: np.random.Generator) -> Chances:
    used, judged = np.full(ITEMS, 0.1 / ITEMS), np.full(ITEMS, 0.02 / ITEMS)
    best, other = rng.choice(ITEMS, 2, replace=False)
    used[best] += 0.9
    judged[best] += 0.58
    judged[other] += 0.4
    return used, judged


KINDS: dict[str, Callable[[np.random.Generator], Chances]] = {
    "both by chance": _by_chance,
    "a tenth explored": _explored(0.1),
    "three tenths explored": _explored(0.3),
    "nearly the same": _nearly_the_same,
}


if __name__ == "__main__":
    main()
