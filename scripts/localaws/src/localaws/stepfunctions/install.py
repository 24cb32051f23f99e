"""Replaces moto's Step Functions, whose executions swallow failures and whose definitions aren't checked."""

from __future__ import annotations

from moto.stepfunctions import urls

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.api import StepFunctionsApi
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.errors import MachineDoesNotExist
from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.machines import StateMachines
from localaws.targets import Deliver, Failure


def install(
    patches: MotoPatches, machines: StateMachines, activities: Activities, engine: Engine, clock: Clock
) -> None:
    """Replace moto's request handler, before the first request for Step Functions."""

    class Api(StepFunctionsApi):
        pass

    Api.machines, Api.activities, Api.engine, Api.clock = machines, activities, engine, clock
    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, Api.dispatch))


def execution_target(machines: StateMachines, engine: Engine) -> Deliver:
    """Starts an execution for each event that's delivered to a state machine."""

    def deliver(arn: str, body: str) -> Failure | None:
        try:
            machine = machines.as_run(arn)
        except MachineDoesNotExist as error:
            return Failure("StateMachineDoesNotExist", str(error.message), missing=True)
        try:
            parse_json(body)
        except ValueError as error:
            return Failure("InvalidExecutionInput", f"The input isn't JSON: {error}")
        engine.start(machine, None, body)
        return None

    return deliver
