"""The types of states, and errors."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.retries import Retries
from localaws_testing.state_machines import FUNCTION, raising, run, run_state

TASK: dict[str, Any] = {"Type": "Task", "Resource": FUNCTION}


def pass_through(name: str = "Each", **fields: Any) -> dict[str, Any]:
    """A state machine of one Pass state, for a branch or an iteration."""
    return {"StartAt": name, "States": {name: {"Type": "Pass", **fields, "End": True}}}


@pytest.mark.proves("states pass")
def test_a_pass_state_passes_its_input_or_a_result() -> None:
    assert run_state({"Type": "Pass"}, {"a": 1}).output == {"a": 1}
    assert run_state({"Type": "Pass", "Result": [1]}, {"a": 1}).output == [1]


@pytest.mark.proves("states wait seconds")
def test_a_wait_state_waits_for_seconds() -> None:
    assert run_state({"Type": "Wait", "Seconds": 10}, {"a": 1}).seconds == 10
    assert run_state({"Type": "Wait", "SecondsPath": "$.s"}, {"s": 7}).seconds == 7
    assert run_state({"Type": "Wait", "SecondsPath": "$.s"}, {"s": "7"}).error == "States.Runtime"


@pytest.mark.proves("states wait timestamps")
def test_a_wait_state_waits_until_a_time() -> None:
    assert run_state({"Type": "Wait", "Timestamp": "2026-01-01T00:01:00Z"}).seconds == 60
    assert run_state({"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z"}).seconds == 0
    assert run_state({"Type": "Wait", "TimestampPath": "$.t"}, {"t": "2026-01-01T01:00:30+01:00"}).seconds == 30
    assert run_state({"Type": "Wait", "TimestampPath": "$.t"}, {"t": "soon"}).error == "States.Runtime"


@pytest.mark.proves("states succeed")
def test_a_succeed_state_ends_with_its_input() -> None:
    ran = run_state({"Type": "Succeed", "InputPath": "$.a"}, {"a": 1})
    assert (ran.output, ran.events) == (1, ["SucceedStateEntered", "SucceedStateExited"])


@pytest.mark.proves("states fail")
def test_a_fail_state_ends_with_an_error() -> None:
    ran = run_state({"Type": "Fail", "Error": "ErrorA", "Cause": "Kaiju attack"})
    assert (ran.error, ran.cause, ran.events) == ("ErrorA", "Kaiju attack", ["FailStateEntered"])
    ran = run_state({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('it was {}', $.e)"}, {"e": "x"})
    assert (ran.error, ran.cause) == ("x", "it was x")


@pytest.mark.proves("states parallel")
def test_a_parallel_state_collects_the_outputs_of_its_branches() -> None:
    state = {
        "Type": "Parallel",
        "Parameters": {"n.$": "$.n"},
        "Branches": [pass_through("A"), pass_through("B", Result="b")],
        "ResultPath": "$.both",
    }
    ran = run_state(state, {"n": 1, "m": 2})
    assert ran.output == {"n": 1, "m": 2, "both": [{"n": 1}, "b"]}
    assert ran.events[:2] == ["ParallelStateEntered", "ParallelStateStarted"]
    assert ran.events[-2:] == ["ParallelStateSucceeded", "ParallelStateExited"]


@pytest.mark.proves("states parallel failures")
def test_a_failed_branch_ends_the_others_and_the_state() -> None:
    states = {
        "Long": {"Type": "Wait", "Seconds": 1000, "Next": "Late"},
        "Late": {"Type": "Pass", "End": True},
    }
    long = {"StartAt": "Long", "States": states}
    bad = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Broken"}}}
    ran = run_state({"Type": "Parallel", "Branches": [long, bad]})
    assert ran.error == "Broken"
    assert "ParallelStateFailed" in ran.events
    assert "PassStateEntered" not in ran.events


@pytest.mark.proves("states map")
def test_a_map_state_runs_its_states_for_each_item() -> None:
    state = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": pass_through(), "ResultPath": "$.done"}
    ran = run_state(state, {"items": [1, 2]})
    assert ran.output == {"items": [1, 2], "done": [1, 2]}
    assert ran.events.count("MapIterationSucceeded") == 2
    started = next(event for event in ran.execution.history if event["type"] == "MapStateStarted")
    assert started["mapStateStartedEventDetails"] == {"length": 2}


@pytest.mark.proves("states map legacy fields")
def test_iterator_and_parameters_are_the_old_names() -> None:
    template = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$.x"}
    state = {"Type": "Map", "ItemsPath": "$.items", "Iterator": pass_through(), "Parameters": template}
    assert run_state(state, {"items": ["a"], "x": 1}).output == [{"i": 0, "v": "a", "all": 1}]


@pytest.mark.proves("states map item selector")
def test_an_item_selector_makes_the_input_of_an_iteration() -> None:
    template = {"size.$": "$$.Map.Item.Value.size", "number.$": "$$.Map.Item.Index", "store.$": "$.store"}
    state = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": pass_through(), "ItemSelector": template}
    ran = run_state(state, {"store": "s", "items": [{"size": 4}, {"size": 5}]})
    assert ran.output == [{"size": 4, "number": 0, "store": "s"}, {"size": 5, "number": 1, "store": "s"}]


@pytest.mark.proves("states map concurrency")
def test_iterations_run_up_to_the_maximal_concurrency() -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    state = {"Type": "Map", "ItemProcessor": wait}
    assert run_state({**state, "MaxConcurrency": 1}, [1, 2, 3]).seconds == 30
    assert run_state({**state, "MaxConcurrency": 3}, [1, 2, 3]).seconds == 10
    assert run_state({**state, "MaxConcurrencyPath": "$[0]"}, [1, 2, 3]).seconds == 30


@pytest.mark.proves("states map failures")
def test_a_failed_iteration_fails_the_state() -> None:
    failing = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken"}}}
    ran = run_state({"Type": "Map", "ItemProcessor": failing}, [1])
    assert ran.error == "Broken"
    assert ran.events == [
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "FailStateEntered",
        "MapIterationFailed",
        "MapStateFailed",
    ]
    assert run_state({"Type": "Map", "ItemProcessor": pass_through()}, "text").error == "States.Runtime"


def test_no_items_are_no_iterations() -> None:
    assert run_state({"Type": "Map", "ItemProcessor": pass_through()}, []).output == []


@pytest.mark.proves("states retry backoff")
def test_a_failed_task_is_retried_with_growing_intervals() -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 1.5}]
    ran = run_state({**TASK, "Retry": retry}, {"a": 1}, raising("E", "E"))
    assert (ran.output, ran.seconds) == ({"a": 1}, 3 + 4.5)


@pytest.mark.proves("states retry attempts")
def test_a_retrier_gives_up_after_its_attempts() -> None:
    ran = run_state({**TASK, "Retry": [{"ErrorEquals": ["E"]}]}, {}, raising(*"EEEE"))
    assert (ran.error, ran.cause, ran.seconds) == ("E", "a cause", 1 + 2 + 4)
    assert run_state({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 0}]}, {}, raising("E")).error == "E"


@pytest.mark.proves("states retriers")
def test_each_retrier_counts_its_own_attempts() -> None:
    retry = [
        {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 2},
        {"ErrorEquals": ["C"], "IntervalSeconds": 5},
    ]
    assert run_state({**TASK, "Retry": retry}, {}, raising("A", "B", "C", "B")).error == "B"
    assert run_state({**TASK, "Retry": retry}, {}, raising("A", "C", "B")).seconds == 1 + 5 + 2


@pytest.mark.proves("states retry maximum delay")
def test_a_delay_is_limited() -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 3, "BackoffRate": 10, "MaxDelaySeconds": 5}]
    assert run_state({**TASK, "Retry": retry}, {}, raising(*"EEE")).seconds == 3 + 5 + 5


@pytest.mark.proves("states retry jitter")
def test_full_jitter_is_between_nothing_and_the_delay() -> None:
    rule = {"ErrorEquals": ["E"], "IntervalSeconds": 8, "JitterStrategy": "FULL", "MaxAttempts": 99, "BackoffRate": 1}
    retries = Retries([rule], Random(3))
    delays = [retries.delay(StateError("E")) or 0.0 for _ in range(50)]
    assert all(0 <= delay <= 8 for delay in delays)
    assert len(set(delays)) == 50


@pytest.mark.proves("states catch")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ({}, {"Error": "E", "Cause": "a cause"}),
        ({"ResultPath": "$.e"}, {"a": 1, "e": {"Error": "E", "Cause": "a cause"}}),
    ],
)
def test_a_caught_error_is_the_next_state_s_input(path: dict[str, Any], expected: Any) -> None:
    states = {
        "Work": {**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "Caught", **path}], "End": True},
        "Caught": {"Type": "Pass", "End": True},
    }
    assert run({"StartAt": "Work", "States": states}, {"a": 1}, raising("E")).output == expected


@pytest.mark.proves("states retry before catch")
def test_catchers_are_looked_at_after_the_retries() -> None:
    states = {
        "Work": {
            **TASK,
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    ran = run({"StartAt": "Work", "States": states}, {}, raising("E", "E"))
    assert (ran.output, ran.seconds) == ("caught", 1)


@pytest.mark.proves("states error wildcards")
@pytest.mark.parametrize(
    ("name", "error", "is_caught"),
    [
        ("States.ALL", "Anything", True),
        ("States.ALL", "States.Timeout", True),
        ("States.TaskFailed", "Anything", True),
        ("States.TaskFailed", "States.Timeout", False),
        ("States.Timeout", "States.HeartbeatTimeout", True),
        ("States.HeartbeatTimeout", "States.Timeout", False),
        ("Other", "Anything", False),
    ],
)
def test_wildcards_match_errors(name: str, error: str, is_caught: bool) -> None:
    states = {
        "Work": {**TASK, "Catch": [{"ErrorEquals": [name], "Next": "Caught"}], "End": True},
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    ran = run({"StartAt": "Work", "States": states}, {}, raising(error))
    assert (ran.output == "caught") is is_caught


@pytest.mark.proves("states terminal errors")
@pytest.mark.parametrize("error", ["States.Runtime", "States.DataLimitExceeded"])
def test_terminal_errors_are_not_caught_by_all(error: str) -> None:
    state = {
        **TASK,
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Only"}],
    }
    ran = run_state(state, {}, raising(error))
    assert (ran.error, ran.seconds) == (error, 0)


def test_a_failed_parallel_state_is_retried_as_a_whole() -> None:
    branch = {"StartAt": "In", "States": {"In": {**TASK, "End": True}}}
    state = {"Type": "Parallel", "Branches": [branch], "Retry": [{"ErrorEquals": ["E"]}]}
    ran = run_state(state, {"a": 1}, raising("E"))
    assert ran.output == [{"a": 1}]
    assert ran.events.count("ParallelStateStarted") == 2


@pytest.mark.proves("states map objects")
def test_the_pairs_of_an_object_are_items() -> None:
    state = {"Type": "Map", "ItemsPath": "$.o", "ItemProcessor": pass_through()}
    assert run_state(state, {"o": {"a": 1}}).output == [{"Key": "a", "Value": 1}]
    assert run_state(state, {"o": 5}).error == "States.Runtime"


@pytest.mark.proves("states numbers")
@pytest.mark.parametrize("value", ["5", -1, 1.5, None, True, [1], 10**9])
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "SecondsPath": "$.n"},
        {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrencyPath": "$.n",
            "ItemProcessor": pass_through(),
        },
    ],
    ids=["wait", "map"],
)
def test_a_number_from_a_path_has_its_field_s_type_and_range(state: dict[str, Any], value: Any) -> None:
    assert run_state(state, {"n": value, "items": [1]}).error == "States.Runtime"


@pytest.mark.proves("states numbers")
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "SecondsPath": "$.none"},
        {"Type": "Wait", "TimestampPath": "$.none"},
        {"Type": "Fail", "ErrorPath": "$.none"},
        {"Type": "Fail", "CausePath": "$.none"},
    ],
    ids=["seconds", "timestamp", "error", "cause"],
)
def test_a_path_of_a_field_that_leads_nowhere_is_a_runtime_error(state: dict[str, Any]) -> None:
    assert run_state(state, {"a": 1}).error == "States.Runtime"


def forever(**more: Any) -> dict[str, Any]:
    """A state machine that goes round without anything to wait for."""
    rule = {"Variable": "$.a", "IsPresent": True, "Next": "Round"}
    return {
        "StartAt": "Round",
        "States": {
            "Round": {"Type": "Pass", "Next": "Again"},
            "Again": {"Type": "Choice", "Choices": [rule], "Default": "Never"},
            "Never": {"Type": "Succeed"},
        },
        **more,
    }


@pytest.mark.proves("executions limits")
def test_an_endless_execution_ends_at_25_000_events() -> None:
    ran = run(forever(), {"a": 1})
    assert (ran.error, ran.cause) == (
        "States.Runtime",
        "The execution reached the maximum number of history events (25000).",
    )
    # The engine adds the last one.
    assert 24_999 <= len(ran.events) <= 25_001
