"""`scripts/tour`: its options, exit status and errors."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cli.errors import CommandError
from localaws.errors import LocalAwsError
from loop.errors import LoopFailed
from loop.flow import Options
from loop.screen import Screen
from loop.tour.month import HARMED_DAY, Tour, run

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def tour(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if the month didn't go as it should, and don't stay.")
    ] = False,
    stay: Annotated[bool, typer.Option(help="Keep everything running at the end, until Ctrl-C.")] = False,
    days: Annotated[int, typer.Option(help="So many days.", min=HARMED_DAY + 6)] = 30,
    rows: Annotated[int, typer.Option(help="Predictions a day.", min=200)] = 200,
    seed: Annotated[int, typer.Option(help="Draws the patients; the same seed draws the same.")] = 0,
    port: Annotated[int, typer.Option(help="Port of the AWS endpoint.")] = 4566,
    http_port: Annotated[int, typer.Option(help="Port of the prediction API.")] = 3000,
) -> None:
    """Show a month of the diagnosis model in minutes: it falls ill on day 12, and heals itself."""
    console = Console(highlight=False, soft_wrap=True)
    options = Options(
        root=Path(__file__).parents[3],
        port=port,
        http_port=http_port,
        mlflow_port=None,
        dataset=False,
        # Neither does it go on from the state that scripts/start keeps, nor keep any.
        stay=False,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(options, Tour(days=days, rows=rows, seed=seed, stay=stay and not check), Screen(console))
    except KeyboardInterrupt:
        console.print("stopped")
        sys.exit(130 if check else 0)
    except (LoopFailed, LocalAwsError) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error[/] {escape(str(error))}")
        sys.exit(error.exit_code)
    except CommandError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error[/] {escape(str(error))}")
        sys.exit(1)


if __name__ == "__main__":
    app(prog_name="scripts/tour")
