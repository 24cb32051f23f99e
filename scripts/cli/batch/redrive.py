"""`mlops batch redrive`: score what a failed batch left."""

import getpass
from typing import Annotated

import typer

from cli.batch.executions import open_batches
from cli.batch.run import finish
from cli.history import open_history
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption, progress_console
from mlops.operations.batches import redrive_batch


def redrive(
    name: Annotated[str, typer.Argument(help="The batch that failed.")],
    why: WhyOption = "redriven by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Score the chunks of a failed batch that have no answers, and no others; mend the cause first."""
    target = Stack(stack)
    batches = open_batches(target)
    again = redrive_batch(batches, open_history(target), name, by=by or getpass.getuser(), why=why)
    if not as_json:
        progress_console.print(f"batch {again}", style="dim", markup=False)
    finish(batches, again, as_json=as_json)
