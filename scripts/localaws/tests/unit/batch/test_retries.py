"""Which failed attempts of jobs are tried again."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.batch.errors import ClientError
from localaws.batch.retries import Failure, check_strategy, is_retried

EXITED = "Essential container in task exited"
SPOT = "Your Spot Task was interrupted."
RULES: dict[str, Any] = {
    "attempts": 3,
    "evaluateOnExit": [
        {"action": "retry", "onStatusReason": "Your Spot*"},
        {"action": "RETRY", "onReason": "CannotPullContainerError:*"},
        {"action": "RETRY", "onExitCode": "14*", "onStatusReason": EXITED},
        {"action": "EXIT", "onReason": "*"},
    ],
}


@pytest.mark.proves("batch retries")
@pytest.mark.parametrize(
    ("failure", "retried"),
    [
        (Failure(143, "", SPOT), True),
        (Failure(None, "CannotPullContainerError: no such image", "Task failed to start"), True),
        (Failure(140, "", EXITED), True),
        (Failure(140, "", "Host EC2 (instance i-1) terminated."), False),
        (Failure(1, "", EXITED), False),
        (Failure(None, "", "Task failed to start"), False),
    ],
)
def test_the_first_rule_that_matches_decides(failure: Failure, retried: bool) -> None:
    assert is_retried(RULES, 1, failure) is retried


@pytest.mark.proves("batch retries")
def test_a_failure_that_no_rule_matches_is_tried_again() -> None:
    rules = {"attempts": 2, "evaluateOnExit": [{"action": "EXIT", "onExitCode": "7"}]}
    assert is_retried(rules, 1, Failure(70, "", EXITED))
    assert not is_retried(rules, 1, Failure(7, "", EXITED))


@pytest.mark.proves("batch retries")
def test_attempts_end_at_their_number_which_is_one_by_default() -> None:
    assert is_retried({"attempts": 3}, 2, Failure(1, "", EXITED))
    assert not is_retried({"attempts": 3}, 3, Failure(1, "", EXITED))
    assert not is_retried({}, 1, Failure(1, "", EXITED))


@pytest.mark.proves("batch refused definitions")
@pytest.mark.parametrize(
    ("strategy", "reason"),
    [
        ({"attempts": 0}, "from 1 to 10"),
        ({"attempts": 11}, "from 1 to 10"),
        ({"evaluateOnExit": [{"action": "EXIT"}]}, "needs attempts"),
        ({"attempts": 2, "evaluateOnExit": [{"action": "EXIT"}] * 6}, "5 entries at most"),
        ({"attempts": 2, "evaluateOnExit": [{"action": "STOP"}]}, "RETRY or EXIT"),
        ({"attempts": 2, "evaluateOnExit": [{"action": "EXIT", "onExitCode": "*4"}]}, "isn't a pattern"),
    ],
)
def test_a_strategy_that_batch_does_not_take_is_refused(strategy: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        check_strategy(strategy)
