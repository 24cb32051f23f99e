"""What becomes of a canary, by what was observed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.canary.decide import Decision, Estimated, Rules, decide
from mlops.monitoring.canary.observed import Observed
from mlops.registry.aliases import Undecided

UNTIL = datetime(2026, 11, 30, tzinfo=UTC)
BEFORE, AFTER = UNTIL - timedelta(days=1), UNTIL
RULES = Rules(margin=0.01, until=UNTIL, undecided="withdraw")


def differences(better: int, worse: int, equal: int) -> Floats:
    """In an order that has as much of each everywhere."""
    values = np.repeat(np.array([-1.0, 1.0, 0.0]), [better, worse, equal])
    return np.random.default_rng(3).permutation(values)


def answered(requests: int = 200, failed: int = 0, slow: int = 0) -> dict[str, Any]:
    return {
        "failed": np.arange(requests) < failed,
        "slow": np.arange(requests - failed) < slow,
        "slow_from": 12.0,
    }


def as_way(way: str, values: Floats) -> dict[str, Any]:
    return {way: values}


def judge(now: datetime = BEFORE, rules: Rules = RULES, estimated: Estimated | None = None, **parts: Any) -> Decision:
    return decide(Observed(**parts), rules, now, estimated)


@pytest.mark.parametrize("way", ["paired", "unpaired"])
def test_a_version_that_loses_more_is_withdrawn_with_the_figures(way: str) -> None:
    found = judge(**answered(), **as_way(way, differences(20, 100, 880)))
    assert found.outcome == "withdraw"
    assert found.reason.startswith("it's worse: its mean loss minus the champion's is +0.08 (+0.0")
    assert "on 1,000 rows" in found.reason
    assert found.worse >= 1


@pytest.mark.parametrize("way", ["paired", "unpaired"])
def test_a_version_that_loses_less_is_promoted(way: str) -> None:
    found = judge(**answered(), **as_way(way, differences(80, 20, 900)))
    assert (found.outcome, found.reason[:34]) == ("promote", "it isn't worse by 0.01 or more: it")
    assert found.not_worse >= 1


def test_an_equal_version_is_promoted_once_its_rows_exclude_the_margin() -> None:
    assert judge(paired=differences(20, 20, 960), **answered()).outcome is None
    assert judge(paired=differences(200, 200, 19_600), **answered()).outcome == "promote"


def test_none_is_promoted_before_the_guards_have_seen_some_requests() -> None:
    better = differences(80, 20, 900)
    assert judge(paired=better, **answered(49)).outcome is None
    assert judge(paired=better, **answered(50)).outcome == "promote"
    end = judge(AFTER, paired=better, **answered(49))
    assert end.outcome == "withdraw"
    assert end.reason.endswith("of 50 requests it needs it had 49")


def test_few_rows_are_undecided_until_the_time_is_up() -> None:
    few = differences(1, 3, 16)
    assert judge(paired=few, **answered(20)) == judge(BEFORE, paired=few, **answered(20))
    assert judge(paired=few, **answered(20)).outcome is None
    end = judge(AFTER, paired=few, **answered(20))
    assert end.outcome == "withdraw"
    assert end.reason.startswith("its time is up, and nothing is decided: its mean loss minus the champion's is +0.1 (")


def test_without_any_truth_the_reason_says_so() -> None:
    assert "no answer's truth is known" in judge(AFTER, **answered()).reason


def test_a_spec_may_promote_what_is_undecided_but_not_what_does_harm() -> None:
    undecided: Undecided = "promote"
    rules = Rules(margin=0.01, until=UNTIL, undecided=undecided)
    assert judge(AFTER, rules, paired=differences(1, 3, 16), **answered()).outcome == "promote"
    assert judge(AFTER, rules, **answered(200, failed=40)).outcome == "withdraw"
    assert judge(AFTER, rules, paired=differences(20, 100, 880), **answered()).outcome == "withdraw"


@pytest.mark.parametrize(("failed", "outcome"), [(0, None), (1, None), (20, "withdraw"), (200, "withdraw")])
def test_failures_withdraw_a_version_once_they_are_no_chance(failed: int, outcome: str | None) -> None:
    found = judge(**answered(200, failed=failed))
    assert found.outcome == outcome
    if outcome:
        assert found.reason.startswith(f"it failed to answer {failed} of 200 requests")


@pytest.mark.parametrize(("slow", "outcome"), [(10, None), (20, None), (100, "withdraw")])
def test_slow_answers_withdraw_a_version_once_they_are_no_chance(slow: int, outcome: str | None) -> None:
    found = judge(**answered(200, slow=slow))
    assert found.outcome == outcome
    if outcome:
        assert found.reason == "it's slower: 100 of its 200 answers took more than 12 ms"


def test_a_burst_of_slow_answers_is_outweighed_by_what_comes_after() -> None:
    assert judge(**answered(49, slow=12)).outcome is None, "too few to tell"
    assert judge(**answered(200, slow=12)).outcome is None


def test_a_version_that_instances_cannot_use_is_withdrawn_at_once() -> None:
    found = judge(refused="it misses its golden rows")
    assert (found.outcome, found.reason) == ("withdraw", "instances can't use it: it misses its golden rows")


@pytest.mark.parametrize(
    ("low", "high", "outcome", "told"),
    [
        (-0.005, 0.04, "promote", "it isn't worse by 0.01 or more: no truth came"),
        (-0.2, -0.05, "withdraw", "it's worse: no truth came"),
        (-0.1, 0.1, "withdraw", "its time is up, and nothing is decided"),
    ],
)
def test_without_truth_the_estimate_decides_at_the_end(low: float, high: float, outcome: str, told: str) -> None:
    estimated = Estimated("accuracy", (low + high) / 2, low, high, 0.01)
    assert judge(BEFORE, estimated=estimated, **answered()).outcome is None
    end = judge(AFTER, estimated=estimated, **answered())
    assert (end.outcome, end.reason[: len(told)]) == (outcome, told)


def test_an_estimate_says_nothing_where_truth_came() -> None:
    estimated = Estimated("accuracy", 0.1, 0.05, 0.2, 0.01)
    assert judge(AFTER, estimated=estimated, paired=differences(1, 3, 16), **answered()).outcome == "withdraw"
