"""Calls of APIs by tasks."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from localaws.stepfunctions.calls import call
from localaws.stepfunctions.execution import Machine
from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.language.resources import read_resource
from localaws_testing.state_machines import FUNCTION

MACHINE = Machine("arn:aws:states:us-east-1:1:stateMachine:m", "m", "arn:role", "STANDARD", {})


class Failing:
    """The clients of a function that fails with a payload."""

    def __init__(self, payload: str) -> None:
        self._payload = payload
        self.meta = SimpleNamespace(method_to_api_mapping={"invoke": "Invoke"})

    def __call__(self, machine: Machine, service: str) -> Failing:
        return self

    def check(self, machine: Machine, action: str, resource: str) -> None:
        """The role may do all."""

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": io.BytesIO(self._payload.encode()), "FunctionError": "Unhandled"}


@pytest.mark.proves("tasks function errors")
@pytest.mark.parametrize(
    ("payload", "error", "cause"),
    [
        ('{"errorType":"TooBad"}', "TooBad", '{"errorType":"TooBad"}'),
        (
            '{"errorMessage":"gone"}',
            "Lambda.Unknown",
            "The cause could not be determined because Lambda did not return an error type. Returned payload: "
            '{"errorMessage":"gone"}',
        ),
    ],
)
def test_an_error_without_a_type_is_unknown_and_its_cause_has_the_payload(payload: str, error: str, cause: str) -> None:
    with pytest.raises(StateError) as caught:
        call(Failing(payload), MACHINE, read_resource(FUNCTION, "STANDARD"), {})
    assert (caught.value.error, caught.value.cause) == (error, cause)
