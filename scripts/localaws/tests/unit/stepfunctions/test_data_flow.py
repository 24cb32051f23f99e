"""JSONPath's flow of data: input, parameters, result and output; and variables."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.state_machines import FUNCTION, run, run_state


@pytest.mark.proves("states input path")
def test_an_input_path_selects_what_the_state_gets() -> None:
    ran = run_state({"Type": "Task", "Resource": FUNCTION, "InputPath": "$.numbers"}, {"numbers": {"a": 1}, "b": 2})
    assert ran.output == {"a": 1}


@pytest.mark.proves("states parameters")
def test_parameters_are_made_of_constants_paths_and_functions() -> None:
    template = {
        "flagged": True,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[-3:]"},
        "list": [{"x.$": "$.vals[1]"}],
        "text.$": "States.Format('{}', $.vals[2])",
    }
    ran = run_state({"Type": "Pass", "Parameters": template}, {"vals": [0, 10, 20, 30]})
    assert ran.output == {
        "flagged": True,
        "parts": {"first": 0, "last3": [10, 20, 30]},
        "list": [{"x": 10}],
        "text": "20",
    }


@pytest.mark.proves("states parameter failures")
def test_a_parameter_without_a_value_fails_the_state() -> None:
    ran = run_state({"Type": "Pass", "Parameters": {"x.$": "$.none"}}, {"a": 1})
    assert ran.error == "States.ParameterPathFailure"
    assert ran.cause == (
        "An error occurred while executing the state 'Only' (entered at the event id #1). "
        "The JSONPath '$.none' specified for the field 'x.$' could not be found in the input '{\"a\":1}'"
    )


@pytest.mark.proves("states result selector")
def test_a_result_selector_makes_a_new_result() -> None:
    state = {
        "Type": "Task",
        "Resource": FUNCTION,
        "ResultSelector": {"kind.$": "$.resourceType", "id.$": "$.output.ClusterId"},
        "ResultPath": "$.cluster",
    }
    ran = run_state(state, {"a": 1}, lambda _: {"resourceType": "emr", "output": {"ClusterId": "A"}, "more": 1})
    assert ran.output == {"a": 1, "cluster": {"kind": "emr", "id": "A"}}


@pytest.mark.proves("states result path")
@pytest.mark.parametrize(
    ("path", "expected"),
    [("$", 3), ("$.sum", {"title": "Numbers", "in": {"a": 1}, "sum": 3}), (None, {"title": "Numbers", "in": {"a": 1}})],
)
def test_a_result_is_put_into_the_raw_input(path: str | None, expected: Any) -> None:
    state = {"Type": "Task", "Resource": FUNCTION, "InputPath": "$.in", "ResultPath": path}
    assert run_state(state, {"title": "Numbers", "in": {"a": 1}}, lambda _: 3).output == expected


def test_a_result_that_cannot_be_put_fails_the_state() -> None:
    ran = run_state({"Type": "Pass", "Result": 1, "ResultPath": "$.a.b"}, {"a": "text"})
    assert ran.error == "States.ResultPathMatchFailure"


@pytest.mark.proves("states output path")
def test_an_output_path_selects_what_goes_on() -> None:
    state = {"Type": "Pass", "Result": 2, "ResultPath": "$.b", "OutputPath": "$.b"}
    assert run_state(state, {"a": 1}).output == 2


@pytest.mark.proves("states null paths")
def test_null_as_a_path_is_an_empty_object() -> None:
    assert run_state({"Type": "Pass", "InputPath": None}, {"a": 1}).output == {}
    assert run_state({"Type": "Pass", "OutputPath": None}, {"a": 1}).output == {}


@pytest.mark.proves("states path failures")
@pytest.mark.parametrize("name", ["InputPath", "OutputPath"])
def test_an_input_or_output_path_without_a_value_is_a_runtime_error(name: str) -> None:
    ran = run_state({"Type": "Pass", name: "$.none"}, {})
    assert ran.error == "States.Runtime"


@pytest.mark.proves("states context object")
def test_the_context_object_is_read_with_two_dollars() -> None:
    template = {"name.$": "$$.State.Name", "execution.$": "$$.Execution.Name", "all.$": "$$"}
    output = run_state({"Type": "Pass", "Parameters": template}, {"a": 1}).output
    assert (output["name"], output["execution"]) == ("Only", "e")
    assert output["all"]["Execution"]["Input"] == {"a": 1}
    assert output["all"]["State"]["EnteredTime"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.proves("states variables")
def test_variables_are_assigned_from_results_and_read_by_later_states() -> None:
    states = {
        "Set": {
            "Type": "Task",
            "Resource": FUNCTION,
            "Assign": {"price.$": "$.product.price", "kept": 1},
            "ResultPath": None,
            "Next": "Wait",
        },
        "Wait": {"Type": "Wait", "SecondsPath": "$price", "Next": "Choice"},
        "Choice": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$price", "NumericEquals": 3, "Assign": {"chosen.$": "$.a"}, "Next": "Read"},
            ],
        },
        "Read": {"Type": "Pass", "Parameters": {"v.$": "States.Array($price, $kept, $chosen)"}, "End": True},
    }
    ran = run({"StartAt": "Set", "States": states}, {"a": 1}, lambda _: {"product": {"price": 3}})
    assert (ran.output, ran.seconds) == ({"v": [3, 1, 1]}, 3)


@pytest.mark.proves("states variable scopes")
def test_variables_of_a_branch_are_its_own() -> None:
    def branch(value: int) -> dict[str, Any]:
        states = {
            "In": {"Type": "Pass", "Assign": {"inner": value}, "Next": "Out"},
            "Out": {"Type": "Pass", "Parameters": {"v.$": "States.Array($outer, $inner)"}, "End": True},
        }
        return {"StartAt": "In", "States": states}

    definition = {
        "StartAt": "Set",
        "States": {
            "Set": {"Type": "Pass", "Assign": {"outer": 0}, "Next": "Both"},
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    branch(1),
                    {**branch(2), "StartAt": "In2", "States": _renamed(branch(2)["States"])},
                ],
                "Next": "After",
            },
            "After": {"Type": "Pass", "Parameters": {"v.$": "$inner"}, "End": True},
        },
    }
    ran = run(definition)
    assert ran.error == "States.ParameterPathFailure"
    exited = [event for event in ran.execution.history if event["type"] == "ParallelStateExited"]
    assert exited[0]["stateExitedEventDetails"]["output"] == '[{"v":[0,1]},{"v":[0,2]}]'


def _renamed(states: dict[str, Any]) -> dict[str, Any]:
    """The states with other names: a name stands for one state in the whole state machine."""
    return {
        f"{name}2": {**state, **({"Next": f"{state['Next']}2"} if "Next" in state else {})}
        for name, state in states.items()
    }


@pytest.mark.proves("states data limit")
def test_an_output_over_256_kib_fails_the_execution_and_is_not_caught() -> None:
    states = {
        "Work": {
            "Type": "Task",
            "Resource": FUNCTION,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Pass", "End": True},
    }
    ran = run({"StartAt": "Work", "States": states}, {}, lambda _: "x" * 262_144)
    assert ran.error == "States.DataLimitExceeded"


@pytest.mark.proves("states data limit")
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": FUNCTION, "Parameters": {"x.$": "$.a"}, "ResultPath": None},
        {"Type": "Task", "Resource": FUNCTION, "Parameters": {"x.$": "$.a"}, "ResultSelector": {"n.$": "$.n"}},
        {"Type": "Pass", "Parameters": {"x.$": "States.Array($.a, $.a)"}, "ResultPath": None},
        {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"x.$": "$.a"},
            "ItemProcessor": {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}},
            "ResultPath": None,
        },
    ],
    ids=["dropped result", "selected result", "parameters", "map"],
)
def test_the_result_counts_before_the_state_makes_less_of_it(state: dict[str, Any]) -> None:
    def work(given: dict[str, str]) -> dict[str, Any]:
        return {"n": 1, "twice": given["x"] * 2}

    ran = run_state(state, {"a": "x" * 140_000, "items": [1, 2]}, work)
    assert ran.error == "States.DataLimitExceeded"


@pytest.mark.proves("states data limit")
def test_a_result_over_256_kib_is_caught_by_the_name_of_the_error() -> None:
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    states = {
        "Work": {"Type": "Task", "Resource": FUNCTION, "Catch": catch, "End": True},
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    assert run({"StartAt": "Work", "States": states}, {}, lambda _: "x" * 262_144).output == "caught"


def test_half_of_a_surrogate_pair_is_passed_on() -> None:
    assert run_state({"Type": "Pass"}, {"a": "\ud800"}).output == {"a": "\ud800"}


@pytest.mark.proves("states path failures")
def test_a_query_whose_beginning_is_missing_fails_the_state() -> None:
    assert run_state({"Type": "Pass", "InputPath": "$.none[*]"}, {"a": 1}).error == "States.Runtime"
    parameters = {"Type": "Pass", "Parameters": {"x.$": "$.none[*]"}}
    assert run_state(parameters, {"a": 1}).error == "States.ParameterPathFailure"
