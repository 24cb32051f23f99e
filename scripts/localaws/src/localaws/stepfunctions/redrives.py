"""Whether an execution can be redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from localaws.stepfunctions.execution import RUNNING, SUCCEEDED, Execution
from localaws.stepfunctions.language.map_rules import is_distributed


def redrive_status(execution: Execution) -> tuple[str, str]:
    """The redriveStatus of an execution, and the reason why it can't be redriven by itself, or ""."""
    if execution.status in (RUNNING, SUCCEEDED):
        return "NOT_REDRIVABLE", f"Execution is {execution.status} and cannot be redriven."
    if execution.is_full:
        return "NOT_REDRIVABLE", "Execution history event limit exceeded."
    if execution.machine.map_run:
        return "REDRIVABLE_BY_MAP_RUN", "Cannot redrive child workflow executions of a map run by themselves"
    if execution.machine.kind != "STANDARD" or execution.reached is None:
        return "NOT_REDRIVABLE", "Only an execution of a standard workflow that has begun can be redriven"
    state = execution.machine.definition["States"][execution.reached.state]
    if state["Type"] == "Parallel" or (state["Type"] == "Map" and not is_distributed(state)):
        return "NOT_REDRIVABLE", (
            f"Local AWS doesn't redrive executions that failed in a {state['Type']} state with branches or "
            f"iterations of its own, such as '{execution.reached.state}'."
        )
    return "REDRIVABLE", ""
