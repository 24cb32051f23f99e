"""Step Functions' API: TestState."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult

from localaws.stepfunctions.base_api import BaseApi
from localaws.stepfunctions.errors import InvalidDefinition, InvalidExecutionInput, ValidationFailed
from localaws.stepfunctions.execution import FAILED
from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.resources import read_resource
from localaws.stepfunctions.language.validation import refusal, validate_state, validate_value
from localaws.stepfunctions.state_tests.mocks import NONE, STRICT, MockedTask, result_problems
from localaws.stepfunctions.state_tests.run import RETRIABLE, Outcome, StateUnderTest
from localaws.stepfunctions.state_tests.selection import states_within

_UNTESTED = ("Map", "Parallel")
# Settings of stateConfiguration that are of Map and Parallel states.
_OF_MAPS = ("errorCausedByState", "mapIterationFailureCount", "mapItemReaderData")


class StateTestsApi(BaseApi):
    """The operation TestState."""

    def test_state(self) -> ActionResult:
        """TestState: of one attempt of a Task, Choice, Pass, Wait, Succeed or Fail state."""
        if self.params.get("revealSecrets"):
            raise ValidationFailed("Local AWS doesn't support revealSecrets, which is of HTTP tasks.")
        name, state, language = self._state()
        if state["Type"] in _UNTESTED:
            raise ValidationFailed(f"Local AWS doesn't support TestState of {state['Type']} states.")
        given = _json(self.params.get("input") or "{}", "input", InvalidExecutionInput)
        mock = self._mock(state)
        if self.params.get("context") and mock is None:
            raise ValidationFailed("The context can be specified only with a mock.")
        if state["Type"] == "Task" and mock is None:
            self._check_task(state)
        context, variables = (
            _json(self.params.get(each) or "{}", each, ValidationFailed) for each in ("context", "variables")
        )
        if not isinstance(variables, dict) or not isinstance(context, dict):
            raise ValidationFailed("The context and the variables must be JSON objects.")
        tested = StateUnderTest(
            name,
            state,
            language,
            self.params.get("roleArn") or "",
            given,
            variables,
            context if self.params.get("context") else None,
            mock,
            self._retries(),
        )
        return ActionResult(self._described(self.engine.test(tested), given))

    def _state(self) -> tuple[str, Mapping[str, Any], str]:
        """The state to test, by itself or in a state machine, its name and its query language."""
        definition = _json(self.params["definition"], "definition", InvalidDefinition)
        name = self.params.get("stateName")
        is_machine = isinstance(definition, dict) and "States" in definition
        found = validate_value(definition) if is_machine else validate_state(definition)
        if found:
            raise InvalidDefinition(refusal(found))
        if not is_machine:
            return name or "StateName", definition, definition.get("QueryLanguage", fields.JSONPATH)
        chosen = next((each for each in states_within(definition) if each[0] == name), None)
        if chosen is None:
            raise ValidationFailed(f"The definition has no state '{name}'; stateName names one.")
        return chosen

    def _check_task(self, state: Mapping[str, Any]) -> None:
        resource = read_resource(state["Resource"], "STANDARD")
        if resource.activity or resource.pattern:
            what = "activities" if resource.activity else f"'.{resource.pattern}'"
            raise ValidationFailed(f"TestState needs a mock for tasks of {what}.")
        if not self.params.get("roleArn"):
            raise ValidationFailed("TestState needs a roleArn for a task without a mock.")

    def _mock(self, state: Mapping[str, Any]) -> MockedTask | None:
        mock = self.params.get("mock")
        if not mock:
            return None
        if state["Type"] != "Task":
            raise ValidationFailed(f"A mock can't be specified for a {state['Type']} state.")
        if ("result" in mock) == ("errorOutput" in mock):
            raise ValidationFailed("A mock needs either a result or an errorOutput.")
        if "errorOutput" in mock:
            error = mock["errorOutput"]
            return MockedTask(error=StateError(error.get("error"), error.get("cause")))
        result, mode = _json(mock["result"], "mock.result", ValidationFailed), mock.get("fieldValidationMode", STRICT)
        resource = read_resource(state["Resource"], "STANDARD")
        if mode != NONE and (resource.pattern or resource.activity):
            raise ValidationFailed(
                f"Local AWS checks no mocked results of {state['Resource']}: use the fieldValidationMode NONE."
            )
        problems = list(result_problems(resource, result, mode))
        if problems:
            raise ValidationFailed(f"Mock result schema validation error: {'; '.join(problems)}")
        return MockedTask(result)

    def _retries(self) -> int:
        """The number of retries that were made before."""
        configuration = self.params.get("stateConfiguration") or {}
        for name in _OF_MAPS:
            if configuration.get(name) is not None:
                raise ValidationFailed(f"Local AWS doesn't support {name} of a tested state.")
        return int(configuration.get("retrierRetryCount") or 0)

    def _described(self, outcome: Outcome, given: Any) -> dict[str, Any]:
        described: dict[str, Any] = {"status": outcome.status}
        if outcome.status not in (FAILED, RETRIABLE):
            described["output"] = compact(outcome.output)
        if outcome.error:
            described |= outcome.error.details
        if outcome.next:
            described["nextState"] = outcome.next
        if (self.params.get("inspectionLevel") or "INFO") != "INFO":
            described["inspectionData"] = {
                "input": compact(given),
                **{step: compact(value) for step, value in outcome.seen.items()},
                "variables": compact(outcome.variables),
                **({"errorDetails": outcome.details} if outcome.details else {}),
            }
        return described


def _json(text: str, name: str, error: type[InvalidDefinition | InvalidExecutionInput | ValidationFailed]) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise error(f"The {name} isn't JSON: {problem}") from None
