"""How many children of a Distributed Map may fail, also after a redrive."""

from __future__ import annotations

from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.execution import ABORTED, FAILED, RUNNING, SUCCEEDED, Execution, Machine

MACHINE = Machine("arn:aws:states:us-east-1:1:stateMachine:m/each", "m/each", "arn:role", "STANDARD", {})


def make_run(*statuses: str) -> MapRun:
    """A run whose children have ended so, of which one may fail."""
    children = []
    for number, status in enumerate(statuses):
        execution = Execution(f"arn:{number}", str(number), MACHINE, "{}", 0.0)
        execution.status = status
        children.append(Child("{}", 1, execution))
    return MapRun("arn:run", "arn:parent", MACHINE, children, limit=2, started=0.0, tolerated_count=1, status=FAILED)


def test_children_that_wait_for_their_redrive_count_as_no_failures() -> None:
    run = make_run(SUCCEEDED, FAILED, FAILED, ABORTED)
    exceeded = [run.is_exceeded]
    run.redrive()
    assert (run.status, run.redrives, run.ended) == (RUNNING, 1, None)
    exceeded.append(run.is_exceeded)
    assert [child.status for child in run.children] == [SUCCEEDED, "PENDING", "PENDING", "PENDING"]
    assert run.counts(of_items=True)["pending"] == 3
    for child in run.children[1:3]:
        child.awaits_redrive = False
    assert [*exceeded, run.is_exceeded] == [True, False, True]
