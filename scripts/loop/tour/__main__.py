"""`scripts/tour` and `scripts/tour shop`: their options, exit status and errors."""

from cli.interruption import end_at_once, raise_interrupts

if __name__ == "__main__":
    end_at_once()

import signal
import sys
from collections.abc import Callable
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
from loop.tour import month
from loop.tour.shop import sequence

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit with 1 if it didn't go as it should, and don't stay at the end.")
]
StayOption = Annotated[bool, typer.Option(help="Keep everything running at the end, until Ctrl-C.")]
PortOption = Annotated[int, typer.Option(help="Port of the AWS endpoint.")]
HttpPortOption = Annotated[int, typer.Option(help="Port of the prediction API.")]


@app.callback(invoke_without_command=True)
def tour(
    context: typer.Context,
    check: CheckOption = False,
    stay: StayOption = False,
    days: Annotated[int, typer.Option(help="So many days.", min=month.HARMED_DAY + 6)] = 30,
    rows: Annotated[int, typer.Option(help="Predictions a day.", min=200)] = 200,
    seed: Annotated[int, typer.Option(help="Draws the patients; the same seed draws the same.")] = 0,
    port: PortOption = 4566,
    http_port: HttpPortOption = 3000,
) -> None:
    """Show a month of the diagnosis model in minutes: it falls ill on day 12, and heals itself."""
    if context.invoked_subcommand:
        return
    wanted = month.Tour(days=days, rows=rows, seed=seed, stay=stay and not check)
    _show(lambda options, screen: month.run(options, wanted, screen), port, http_port, check=check)


@app.command()
def shop(
    check: CheckOption = False,
    stay: StayOption = False,
    customers: Annotated[int, typer.Option(help="People who come each day.", min=60, max=600)] = 80,
    seed: Annotated[int, typer.Option(help="Draws the customers; the same seed draws the same.")] = 0,
    port: PortOption = 4566,
    http_port: HttpPortOption = 3000,
) -> None:
    """Show a shop: what people do changes what it recommends, at once and, learnt by itself, for everybody."""
    wanted = sequence.ShopTour(customers=customers, seed=seed, stay=stay and not check)
    _show(lambda options, screen: sequence.run(options, wanted, screen), port, http_port, check=check)


def _show(run: Callable[[Options, Screen], None], port: int, http_port: int, *, check: bool) -> None:
    """Run a tour to its end, Ctrl-C or an error, and exit by it."""
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
        run(options, Screen(console))
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
    raise_interrupts()
    app(prog_name="scripts/tour")
