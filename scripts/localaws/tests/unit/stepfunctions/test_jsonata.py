"""States in JSONata."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from localaws.stepfunctions.evaluators import InPlace
from localaws.stepfunctions.language.data_flow import DataFlow, data_flow
from localaws.stepfunctions.language.errors import DataError, StateError
from localaws.stepfunctions.sizes import demand_payload, demand_variables
from localaws_testing.state_machines import FUNCTION, START, Ran, raising, run


def run_jsonata(state: dict[str, Any], value: Any = None, work: Any = lambda given: given, **more: Any) -> Ran:
    """Run a state machine that begins with one state, in JSONata."""
    ending = {} if {"Next", "Choices"} & set(state) or state["Type"] in ("Succeed", "Fail") else {"End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "Only", "States": {"Only": {**state, **ending}, **more}}
    return run(definition, value, work)


def value_of(expression: str, value: Any = None) -> Any:
    ran = run_jsonata({"Type": "Pass", "Output": f"{{% {expression} %}}"}, value)
    assert ran.error is None, ran.cause
    return ran.output


@pytest.mark.proves("jsonata arguments and output")
def test_arguments_and_output_are_json_with_expressions() -> None:
    state = {
        "Type": "Task",
        "Resource": FUNCTION,
        "Arguments": {"n": "{% $states.input.a + 1 %}", "list": ["{% $states.context.State.Name %}", "plain"]},
        "Output": {"sent": "{% $states.result %}", "had": "{% $states.input %}"},
    }
    ran = run_jsonata(state, {"a": 1})
    assert ran.output == {"sent": {"n": 2, "list": ["Only", "plain"]}, "had": {"a": 1}}


def test_without_arguments_or_output_input_and_result_go_through() -> None:
    assert run_jsonata({"Type": "Task", "Resource": FUNCTION}, {"a": 1}, lambda given: [given]).output == [{"a": 1}]


def test_the_time_is_that_of_the_execution() -> None:
    expression = "{% [$millis(), $toMillis($now()), $fromMillis($millis(), '[Y]') = $now('[Y]')] %}"
    waits = {"Type": "Wait", "Seconds": 3600, "Next": "Later"}
    ran = run_jsonata(waits, Later={"Type": "Pass", "Output": expression, "End": True})
    assert ran.error is None, ran.cause
    later = round((START + 3600) * 1000)
    assert ran.output == [later, later, True]


@pytest.mark.proves("jsonata values")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("null", None),
        ("$states.input.none", None),
        ("[1..3]", [1, 2, 3]),
        ("$states.input.items.price", [1, 2]),
        ("$sum($states.input.items.price)", 3),
        ("$states.input.items[price > 1].price", 2),
        ("'a' & 1", "a1"),
        ("10 / 4", 2.5),
        ("$states.input.items ~> $count", 2),
        ("$merge([{'a': 1}, {'b': null}])", {"a": 1, "b": None}),
        ("($x := 2; $x * 3)", 6),
        ("1 /* a comment */", 1),
    ],
)
def test_an_expression_has_a_value(expression: str, expected: Any) -> None:
    assert value_of(expression, {"items": [{"price": 1}, {"price": 2}], "none": None}) == expected


@pytest.mark.proves("jsonata functions")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$partition([1,2,3,4], $floor(4 / 3) + 1)", [[1, 2], [3, 4]]),
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$parse('{\"a\": [1]}')", {"a": [1]}),
        ("$length($uuid())", 36),
        ("$random() < 1", True),
        ("$random(7) = $random(7)", True),
    ],
)
def test_step_functions_adds_functions(expression: str, expected: Any) -> None:
    assert value_of(expression) == expected


@pytest.mark.proves("jsonata failures")
@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.missing",
        "1 / 0",
        "$number('x')",
        "function($x) { $x }",
        "$parse('{')",
        "$error('no')",
        "$unknown",
    ],
)
def test_an_expression_without_a_value_fails_the_state(expression: str) -> None:
    ran = run_jsonata({"Type": "Pass", "Output": {"field": f"{{% {expression} %}}"}}, {})
    assert ran.error == "States.QueryEvaluationError"
    assert "specified for the field 'Output/field'" in ran.cause
    assert ran.events == ["PassStateEntered", "EvaluationFailed"]


@pytest.mark.proves("jsonata failures")
def test_a_failed_expression_is_caught() -> None:
    state = {
        "Type": "Task",
        "Resource": FUNCTION,
        "Arguments": "{% $states.input.missing %}",
        "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}],
        "Next": "Caught",
    }
    ran = run_jsonata(state, {}, Caught={"Type": "Pass", "Output": "{% $states.input.Error %}", "End": True})
    assert ran.output == "States.QueryEvaluationError"


@pytest.mark.proves("jsonata conditions")
def test_conditions_choose() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input.n > 5 %}", "Next": "Big", "Output": {"big": "{% $states.input.n %}"}},
            {"Condition": True, "Next": "Small", "Assign": {"was": "{% $states.input.n %}"}},
        ],
    }
    others = {
        "Big": {"Type": "Succeed"},
        "Small": {"Type": "Succeed", "Output": {"small": "{% $was %}"}},
    }
    assert run_jsonata(choice, {"n": 6}, **others).output == {"big": 6}
    assert run_jsonata(choice, {"n": 5}, **others).output == {"small": 5}


def test_a_condition_must_be_a_boolean() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "End"}]}
    assert run_jsonata(choice, {}, End={"Type": "Succeed"}).error == "States.QueryEvaluationError"


@pytest.mark.proves("jsonata variables")
def test_assignments_take_effect_after_the_state() -> None:
    ran = run_jsonata(
        {"Type": "Pass", "Assign": {"x": 1}, "Next": "Swap"},
        {},
        Swap={"Type": "Pass", "Assign": {"x": "{% $x + 1 %}", "y": "{% $x %}"}, "Next": "Read"},
        Read={"Type": "Pass", "Output": ["{% $x %}", "{% $y %}"], "End": True},
    )
    assert ran.output == [2, 1]


@pytest.mark.proves("jsonata error output")
def test_a_catcher_reads_the_error() -> None:
    state = {
        "Type": "Task",
        "Resource": FUNCTION,
        "Catch": [
            {
                "ErrorEquals": ["Bad"],
                "Output": "{% $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}",
                "Assign": {"kept": "{% $states.input.a %}"},
                "Next": "Caught",
            }
        ],
        "Next": "Caught",
    }
    caught = {"Type": "Pass", "Output": ["{% $states.input %}", "{% $kept %}"], "End": True}
    assert run_jsonata(state, {"a": 1}, raising("Bad"), Caught=caught).output == ["Bad: a cause", 1]


@pytest.mark.proves("jsonata items")
@pytest.mark.parametrize(
    ("items", "expected"),
    [("{% [1..3] %}", [[0, 1], [1, 2], [2, 3]]), ({"a": 1}, [[0, {"Key": "a", "Value": 1}]]), ([7], [[0, 7]])],
)
def test_items_are_an_array_or_the_pairs_of_an_object(items: Any, expected: Any) -> None:
    state = {
        "Type": "Map",
        "Items": items,
        "ItemSelector": ["{% $states.context.Map.Item.Index %}", "{% $states.context.Map.Item.Value %}"],
        "ItemProcessor": {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}},
    }
    assert run_jsonata(state, {}).output == expected


@pytest.mark.proves("jsonata times")
def test_times_and_errors_can_be_expressions() -> None:
    ran = run_jsonata({"Type": "Wait", "Seconds": "{% $states.input.s * 2 %}"}, {"s": 5})
    assert (ran.seconds, ran.output) == (10, {"s": 5})
    ran = run_jsonata({"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "plain"}, {"e": "Mine"})
    assert (ran.error, ran.cause) == ("Mine", "plain")


@pytest.mark.proves("jsonata single states")
def test_one_state_of_a_jsonpath_machine_can_be_in_jsonata() -> None:
    states = {
        "One": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": "{% $states.input.a %}"}, "Next": "Two"},
        "Two": {"Type": "Pass", "Parameters": {"y.$": "$.x"}, "End": True},
    }
    assert run({"StartAt": "One", "States": states}, {"a": 1}).output == {"y": 1}


@pytest.mark.proves("jsonata values")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[5.5 % 2, 7 % 3, -7 % 3]", [1.5, 1, -1]),
        ("[$number('1e-2'), $number('0x12'), $number(true)]", [0.01, 18, 1]),
        ("['1', '2'].$number()", [1, 2]),
        (r"$match('x1', /(?<n>\d)/).groups", ["1"]),
        (r"$match('aa', /(?<x>a)\k<x>/).match", "aa"),
        (r"$contains('٣', /\d/)", False),
        (r"[$contains('a\n', /a$/), $contains('a', /a$/)]", [False, True]),
        (r"$split('a1b-c', /[\d-]/)", ["a", "b", "c"]),
        (r"$replace('a1', /(?<letter>\D)1/, '$1-')", "a-"),
        ("$replace('abc', /b/, function($m) { $uppercase($m.match) })", "aBc"),
    ],
)
def test_values_are_those_of_the_reference(expression: str, expected: Any) -> None:
    assert value_of(expression) == expected


@pytest.mark.proves("jsonata failures")
@pytest.mark.parametrize(
    "expression",
    [
        "$partition([1], 0)",
        "$partition([1], -1)",
        "$partition([1], 'x')",
        "$partition($states.input.missing, 2)",
        "$range(1, 2, 0)",
        "$range(1, 1001, 1)",
        "$range('1', 2, 1)",
        "$hash($states.input.missing, 'MD5')",
        "$hash(null, 'MD5')",
        "$hash('a', 'SHA-7')",
        "$random('x')",
        "$parse('NaN')",
        "$parse(5)",
        "$number('5 ')",
        "$number('1_000')",
        "$replace('abc', /x*/, '-')",
        "/a/",
        "5 % 0",
    ],
)
def test_arguments_that_a_function_cannot_have_fail(expression: str) -> None:
    assert run_jsonata({"Type": "Pass", "Output": f"{{% {expression} %}}"}, {}).error == "States.QueryEvaluationError"


async def _number(flow: DataFlow, field: str) -> float | None:
    return await flow.number(field, {})


@pytest.mark.proves("jsonata wrong types")
@pytest.mark.parametrize("expression", ["'5'", "-1", "1.5", "null", "true", "[5]", "1e10", "$states.input.missing"])
@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("Seconds", {"Type": "Wait"}),
        ("TimeoutSeconds", {"Type": "Task", "Resource": FUNCTION}),
        ("HeartbeatSeconds", {"Type": "Task", "Resource": FUNCTION}),
        ("MaxConcurrency", {"Type": "Map", "Items": [1]}),
        ("ToleratedFailureCount", {"Type": "Map", "Items": [1]}),
    ],
)
def test_a_number_of_the_wrong_type_or_out_of_range_fails(field: str, state: dict[str, Any], expression: str) -> None:
    flow = data_flow("JSONata", {**state, field: f"{{% {expression} %}}"}, {}, {}, lambda: START, InPlace())
    with pytest.raises(DataError) as raised:
        asyncio.run(_number(flow, field))
    assert raised.value.error == "States.QueryEvaluationError"
    assert f"'{field}'" in str(raised.value)


@pytest.mark.proves("jsonata wrong types")
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "Seconds": "{% '5' %}"},
        {"Type": "Wait", "Timestamp": "{% 'soon' %}"},
        {"Type": "Wait", "Timestamp": "{% 5 %}"},
        {"Type": "Fail", "Error": "{% 5 %}"},
        {"Type": "Fail", "Cause": "{% null %}"},
        {
            "Type": "Map",
            "Items": [1],
            "MaxConcurrency": "{% -1 %}",
            "ItemProcessor": {"StartAt": "E", "States": {"E": {"Type": "Pass", "End": True}}},
        },
    ],
)
def test_a_value_that_a_field_cannot_have_fails_the_state(state: dict[str, Any]) -> None:
    assert run_jsonata(state, {}).error == "States.QueryEvaluationError"


@pytest.mark.proves("jsonata results")
@pytest.mark.parametrize("name", ["result", "errorOutput"])
def test_a_state_without_a_result_has_none(name: str) -> None:
    ran = run_jsonata({"Type": "Pass", "Output": f"{{% $exists($states.{name}) %}}"}, {})
    assert ran.output is False


@pytest.mark.proves("jsonata variable limits")
@pytest.mark.parametrize(
    "assigned",
    [{"x": "{% $pad('', 262150, 'a') %}"}, {"x": "{% $pad('', 150000, 'a') %}", "y": "{% $pad('', 150000, 'a') %}"}],
)
def test_a_state_assigns_256_kilobytes_at_most(assigned: dict[str, str]) -> None:
    assert run_jsonata({"Type": "Pass", "Assign": assigned, "Output": 1}, {}).error == "States.DataLimitExceeded"


@pytest.mark.proves("jsonata variable limits")
def test_the_variables_of_an_execution_have_10_mebibytes_at_most() -> None:
    known = {f"v{index}": "a" * 262_000 for index in range(40)}
    demand_variables({"x": "a" * 5000}, known)
    with pytest.raises(StateError, match="DataLimitExceeded"):
        demand_variables({"x": "a" * 6000}, known)


@pytest.mark.proves("states data limit")
def test_the_parameters_of_a_task_have_256_kilobytes_at_most() -> None:
    with pytest.raises(StateError, match="DataLimitExceeded"):
        demand_payload("a" * 262_143, "The parameters are JSON")
    assert demand_payload("a" * 262_142, "The parameters are JSON") == f'"{"a" * 262_142}"'


@pytest.mark.proves("jsonata failures")
def test_the_history_has_the_place_of_a_failure_and_the_variables() -> None:
    ran = run_jsonata({"Type": "Pass", "Output": {"a": "{% $states.input.missing %}"}}, {})
    (failed,) = [event for event in ran.execution.history if event["type"] == "EvaluationFailed"]
    details = failed["evaluationFailedEventDetails"]
    assert (details["location"], details["state"]) == ("Output/a", "Only")
    ran = run_jsonata({"Type": "Pass", "Assign": {"x": "{% 1 + 1 %}"}}, {})
    exited = ran.execution.history[-1]["stateExitedEventDetails"]
    assert (exited["assignedVariables"], exited["assignedVariablesDetails"]) == ({"x": "2"}, {"truncated": False})
