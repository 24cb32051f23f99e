"""The rules of EventBridge by which Step Functions hears of the end of what a `.sync` task has started.

Step Functions makes them in the name of the role when a state machine that needs one is created. Here nothing waits for
their events, so that only the permissions are checked.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
_RULES = {
    ":states:::batch:submitJob.sync": "StepFunctionsGetEventsForBatchJobsRule",
    ":states:::ecs:runTask.sync": "StepFunctionsGetEventsForECSTaskRule",
    ":states:::states:startExecution.sync": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}


def managed_rules(definition: Mapping[str, Any]) -> set[str]:
    """The names of the rules that the tasks of a definition need."""
    resources = [*_resources(definition)]
    return {rule for part, rule in _RULES.items() if any(part in resource for resource in resources)}


def _resources(value: Any) -> Iterator[str]:
    """The resource of each state, whichever state it stands in."""
    if isinstance(value, Mapping):
        if value.get("Type") == "Task":
            yield str(value.get("Resource"))
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _resources(each)
