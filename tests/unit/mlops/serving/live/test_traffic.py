"""How many rows the challenger scores in the shadow within its budget of time."""

from itertools import chain, repeat

from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.traffic import TrafficSplit, random_fraction
from mlops.serving.scorer import Scorer
from tests.unit.mlops.serving.artifacts import ROWS, challenge_with, put_version, steeper
from tests.unit.mlops.serving.fakes import Recorder


class FailureRecorder(Recorder):
    def challenger_failed(self, model: str, version: int, reason: str, *, is_new: bool) -> None:
        self.events.append(("failed", version, reason, is_new))


class Clock:
    """Each reading takes so long, in seconds."""

    def __init__(self, step: float) -> None:
        self.step = step
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def split(store: Store, step: float, *draws: float) -> tuple[TrafficSplit, Scorer, ChallengerFollower]:
    """A traffic split with 2 ms to spare, where each scoring by the challenger takes `step` seconds."""
    put_version(store, 1)
    steeper(store, 2)
    challenge_with(store, 2)
    follower = ChallengerFollower(store, "diagnosis", Recorder(), max_rows=100, every=3.0)
    follower.poll()
    numbers = chain(draws, repeat(0.99))
    champion = Scorer.load(Versions(store, "diagnosis"), 1, 100)
    return TrafficSplit(FailureRecorder(), 2.0, lambda: next(numbers), Clock(step)), champion, follower


def shadowed(parts: tuple[TrafficSplit, Scorer, ChallengerFollower], rows: int) -> int:
    traffic, champion, follower = parts
    batch = (ROWS * 10)[:rows]
    shadow = traffic.shadow(traffic.score(champion, follower, batch), follower, batch)
    return shadow.rows if shadow else 0


def test_of_many_rows_as_many_are_scored_as_there_is_time_for(store: Store) -> None:
    parts = split(store, 1e-4)
    assert shadowed(parts, 100) == 1, "what a row costs isn't known yet"
    assert shadowed(parts, 100) == 20
    assert shadowed(parts, 100) > 20, "twenty rows took no longer than one"
    assert shadowed(parts, 3) == 3


def test_of_a_challenger_that_is_too_slow_only_some_requests_wait(store: Store) -> None:
    parts = split(store, 8e-3, 0.3, 0.24, 0.26)  # a row costs four times the budget
    assert [shadowed(parts, 10) for _ in range(4)] == [1, 0, 1, 0]


def test_a_budget_of_nothing_scores_nothing(store: Store) -> None:
    _, champion, follower = split(store, 1e-4)
    traffic = TrafficSplit(FailureRecorder(), 0.0, lambda: 0.0, Clock(1e-4))
    assert [shadowed((traffic, champion, follower), 5) for _ in range(3)] == [0, 0, 0]


def test_draws_lie_between_0_and_1_and_differ() -> None:
    drawn = [random_fraction() for _ in range(1000)]
    assert all(0 <= number < 1 for number in drawn)
    assert len(set(drawn)) == 1000
    assert 0.4 < sum(drawn) / 1000 < 0.6
