"""`scripts/mlops`: the commands, and expected errors as one line."""

from cli.interruption import end_at_once, raise_interrupts

if __name__ == "__main__":
    end_at_once()

import os
import sys
from collections.abc import Callable
from functools import partial

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from cli import audit, batch, data, feedback, keys, logs, models, monitor, predict, queues, recommend, records
from cli.console import Console
from cli.errors import CommandError
from cli.localaws import use_local_aws
from cli.sign_in_link import print_link
from mlops.errors.base import MlopsError

app = typer.Typer(
    name="mlops",
    help="Datasets, models, predictions, feedback and logs of a stack on AWS or on local AWS, by your AWS settings. "
    "Times are UTC.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(data.app, name="data", help="Datasets: upload one, fetch a version's, or write an example.")
app.add_typer(models.app, name="models", help="Models and their versions.")
app.add_typer(batch.app, name="batch", help="Predictions of all rows of files, now or by schedule.")
app.add_typer(feedback.app, name="feedback", help="Truths about predictions: upload a file of them, or send one.")
app.add_typer(records.app, name="records", help="Prediction records and their truths: SQL, counts, exports.")
app.add_typer(monitor.app, name="monitor", help="What monitoring found in a model's predictions, and what to do.")
app.add_typer(queues.app, name="queues", help="Queues: what waits, what failed at every try, redrive.")
app.add_typer(keys.app, name="keys", help="Keys of the API: who may do what.")
app.command("predict")(predict.predict)
app.command("recommend")(recommend.recommend)
app.command("logs")(logs.logs)
app.command("audit")(audit.audit)
app.command("console")(print_link)


_run = partial(app, prog_name="scripts/mlops")


def main(run: Callable[[], None] = _run) -> int:
    """Run the command line; an expected error gives exit status 1 and one line on standard error.

    It speaks to the local AWS of this checkout if that runs and the environment names no other.
    """
    use_local_aws(os.environ)
    try:
        run()
    except (CommandError, MlopsError, ClientError, BotoCoreError) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error[/] {escape(str(error))}")
        return 1
    return 0


if __name__ == "__main__":
    raise_interrupts()
    sys.exit(main())
