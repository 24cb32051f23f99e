"""A query of the logs is polled until it's over, and stopped when nobody waits any more."""

from typing import Any

import pytest

from mlops.errors.operations import QueryFailed
from mlops.insights import run_query


class Logs:
    """Answers with one status after the other."""

    def __init__(self, *statuses: str) -> None:
        self.statuses, self.stopped, self.asked = [*statuses], list[str](), dict[str, Any]()

    def start_query(self, **asked: Any) -> dict[str, str]:
        self.asked = asked
        return {"queryId": "q"}

    def get_query_results(self, *, queryId: str) -> dict[str, Any]:  # noqa: N803
        assert queryId == "q"
        row = [{"field": "label", "value": "benign"}, {"field": "@ptr", "value": "x"}]
        return {"status": self.statuses.pop(0), "results": [row]}

    def stop_query(self, *, queryId: str) -> None:  # noqa: N803
        self.stopped.append(queryId)


def run(logs: Logs, **options: Any) -> list[dict[str, str]]:
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    return run_query(logs, "fields label", ["api"], (10.5, 20.5), clock=lambda: passed[0], sleep=sleep, **options)


def test_the_rows_are_there_when_it_is_complete_without_their_pointers() -> None:
    logs = Logs("Scheduled", "Running", "Complete")
    assert run(logs, limit=7) == [{"label": "benign"}]
    assert logs.asked == {
        "logGroupNames": ["api"],
        "startTime": 10,
        "endTime": 20,
        "queryString": "fields label",
        "limit": 7,
    }
    assert logs.stopped == []


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout", "Unknown"])
def test_a_query_that_fails_says_how(status: str) -> None:
    with pytest.raises(QueryFailed, match=status):
        run(Logs("Running", status))


def test_a_query_that_takes_too_long_is_stopped() -> None:
    logs = Logs(*["Running"] * 50)
    with pytest.raises(QueryFailed, match="wasn't over after 2 seconds"):
        run(logs, wait=2.0)
    assert logs.stopped == ["q"]
    # Every fifth of a second, for two seconds.
    assert 9 <= 50 - len(logs.statuses) <= 12
