"""The examples of the Amazon States Language specification (https://states-language.net) do what it says."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.state_machines import FUNCTION, raising, run, run_state

TASK: dict[str, Any] = {"Type": "Task", "Resource": FUNCTION}


@pytest.mark.proves("specification examples")
def test_hello_world() -> None:
    definition = {
        "Comment": "A simple minimal example of the States language",
        "StartAt": "Hello World",
        "States": {"Hello World": {**TASK, "End": True}},
    }
    assert run(definition, {}, lambda _: "Hello, world!").output == "Hello, world!"


@pytest.mark.proves("specification examples")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "Public", "value": 22}, "public"),
        ({"type": "Private", "value": 22}, "twenties"),
        ({"type": "Private", "value": 30}, None),
        ({"type": "Private"}, "zero"),
    ],
)
def test_the_choice_state_of_four_branches(value: Any, expected: str | None) -> None:
    twenties = [
        {"Variable": "$.value", "IsPresent": True},
        {"Variable": "$.value", "IsNumeric": True},
        {"Variable": "$.value", "NumericGreaterThanEquals": 20},
        {"Variable": "$.value", "NumericLessThan": 30},
    ]
    states = {
        "DispatchEvent": {
            "Type": "Choice",
            "Choices": [
                {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public"},
                {"Variable": "$.value", "IsPresent": False, "Next": "ValueIsZero"},
                {"And": twenties, "Next": "ValueInTwenties"},
            ],
            "Default": "RecordEvent",
        },
        "Public": {"Type": "Pass", "Result": "public", "End": True},
        "ValueIsZero": {"Type": "Pass", "Result": "zero", "End": True},
        "ValueInTwenties": {"Type": "Pass", "Result": "twenties", "End": True},
        "RecordEvent": {"Type": "Fail", "Error": "Unexpected"},
    }
    ran = run({"StartAt": "DispatchEvent", "States": states}, value)
    assert (ran.output, ran.error) == (expected, None if expected else "Unexpected")


@pytest.mark.proves("specification examples")
def test_the_branches_of_a_parallel_state_join_at_its_end() -> None:
    def lookup(name: str) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: {**TASK, "End": True}}}

    parallel = {"Type": "Parallel", "Branches": [lookup("LookupAddress"), lookup("LookupPhone")], "Next": "NextState"}
    states = {"LookupCustomerInfo": parallel, "NextState": {"Type": "Succeed"}}
    assert run({"StartAt": "LookupCustomerInfo", "States": states}, 1, lambda each: each + 1).output == [2, 2]


ORDER = {
    "ship-date": "2016-03-14T01:59:00Z",
    "detail": {
        "delivery-partner": "UQS",
        "shipped": [
            {"prod": "R31", "dest-code": 9511, "quantity": 1344},
            {"prod": "S39", "dest-code": 9511, "quantity": 40},
        ],
    },
}


@pytest.mark.proves("specification examples")
def test_the_map_state_that_ships_parcels() -> None:
    state = {
        "Type": "Map",
        "InputPath": "$.detail",
        "ItemsPath": "$.shipped",
        "MaxConcurrency": 0,
        "ResultPath": "$.detail.shipped",
        "ItemSelector": {"parcel.$": "$$.Map.Item.Value", "courier.$": "$.delivery-partner"},
        "ItemProcessor": {"StartAt": "Validate", "States": {"Validate": {**TASK, "End": True}}},
    }
    seen: list[Any] = []
    ran = run_state(state, ORDER, lambda given: seen.append(given) or given["parcel"]["prod"])  # type: ignore[func-returns-value]
    assert seen == [{"parcel": parcel, "courier": "UQS"} for parcel in ORDER["detail"]["shipped"]]  # type: ignore[index]
    assert ran.output == {**ORDER, "detail": {"delivery-partner": "UQS", "shipped": ["R31", "S39"]}}


@pytest.mark.proves("specification examples")
def test_parameters_from_input_and_context_object() -> None:
    template = {
        "flagged": True,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[-3:]"},
        "weekday.$": "$$.Execution.Name",
        "formattedOutput.$": "States.Format('Today is {}', $$.Execution.Name)",
    }
    ran = run_state({**TASK, "Parameters": template}, {"flagged": 7, "vals": [0, 10, 20, 30, 40, 50]})
    assert ran.output == {
        "flagged": True,
        "parts": {"first": 0, "last3": [30, 40, 50]},
        "weekday": "e",
        "formattedOutput": "Today is e",
    }


@pytest.mark.proves("specification examples")
def test_a_result_path_keeps_the_numbers() -> None:
    state = {**TASK, "InputPath": "$.numbers", "ResultPath": "$.sum"}
    ran = run_state(
        state, {"title": "Numbers to add", "numbers": {"val1": 3, "val2": 4}}, lambda given: sum(given.values())
    )
    assert ran.output == {"title": "Numbers to add", "numbers": {"val1": 3, "val2": 4}, "sum": 7}


@pytest.mark.proves("specification examples")
def test_the_retriers_of_task_x() -> None:
    retry = [
        {"ErrorEquals": ["ErrorA", "ErrorB"], "IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 2},
        {"ErrorEquals": ["ErrorC"], "IntervalSeconds": 5},
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]
    states = {"X": {**TASK, "Retry": retry, "Catch": catch, "Next": "Y"}, "Y": {"Type": "Succeed"}}
    states["Z"] = {"Type": "Pass", "Parameters": {"was.$": "$.Error"}, "End": True}
    # After ErrorC and the second ErrorB nothing retries; the catcher's state gets the error.
    ran = run({"StartAt": "X", "States": states}, {}, raising("ErrorA", "ErrorB", "ErrorC", "ErrorB"))
    assert (ran.output, ran.seconds) == ({"was": "ErrorB"}, 1 + 2 + 5)


@pytest.mark.proves("specification examples")
def test_the_retrier_with_limited_delays() -> None:
    retry = [
        {
            "ErrorEquals": ["States.Timeout"],
            "IntervalSeconds": 3,
            "MaxAttempts": 4,
            "BackoffRate": 2,
            "MaxDelaySeconds": 10,
        }
    ]
    ran = run_state({**TASK, "Retry": retry}, {}, raising(*["States.Timeout"] * 4))
    assert ran.seconds == 3 + 6 + 10 + 10


@pytest.mark.proves("specification examples")
def test_assigned_variables_of_a_jsonata_state() -> None:
    states = {
        "Assign": {
            "Type": "Pass",
            "Assign": {
                "itemCount": "{% $count($states.input.order.items) %}",
                "numItemsNeeded": "{% $sum($states.input.order.items.quantity) %}",
            },
            "Next": "Read",
        },
        "Read": {"Type": "Pass", "Output": {"both": "{% [$itemCount, $numItemsNeeded] %}"}, "End": True},
    }
    value = {"order": {"items": [{"quantity": 2}, {"quantity": 5}]}}
    ran = run({"QueryLanguage": "JSONata", "StartAt": "Assign", "States": states}, value)
    assert ran.output == {"both": [2, 7]}
