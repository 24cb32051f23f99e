"""`scripts/mlops`: the commands, and expected errors as one line."""

import os
import sys
from collections.abc import Callable
from functools import partial

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from cli import data, feedback, logs, models, monitor, predict, records
from cli.console import Console
from cli.errors import CommandError
from cli.localaws import use_local_aws
from mlops.errors import MlopsError

app = typer.Typer(
    name="mlops",
    help="Datasets, models, predictions, feedback and logs of a stack on AWS or on local AWS, by your AWS settings.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(data.app, name="data", help="Datasets: upload one, or write an example.")
app.add_typer(models.app, name="models", help="Models and their versions.")
app.add_typer(feedback.app, name="feedback", help="Truths about predictions: upload a file of them, or send one.")
app.add_typer(records.app, name="records", help="Prediction records and their truths: SQL, counts, exports.")
app.add_typer(monitor.app, name="monitor", help="What monitoring found in a model's predictions, and what to do.")
app.command("predict")(predict.predict)
app.command("logs")(logs.logs)


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
    sys.exit(main())
