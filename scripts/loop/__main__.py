"""`scripts/start`: its options, exit status and errors."""

from cli.interruption import end_at_once, raise_interrupts

if __name__ == "__main__":
    end_at_once()

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from localaws.errors import LocalAwsError
from loop.errors import LoopFailed
from loop.flow import Options, run
from loop.screen import Screen

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def start(
    check: Annotated[bool, typer.Option("--check", help="Run everything once, stop it, and exit with 0 or 1.")] = False,
    port: Annotated[int, typer.Option(help="Port of the AWS endpoint.")] = 4566,
    http_port: Annotated[int, typer.Option(help="Port of the prediction API.")] = 3000,
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow server.")] = 5000,
    mlflow: Annotated[bool, typer.Option(help="Run an MLflow server too.")] = True,
    dataset: Annotated[bool, typer.Option(help="Upload the example dataset and wait for its model.")] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew: without the buckets, versions and runs of the last start.")
    ] = False,
    docker: Annotated[bool, typer.Option("--docker", help="Run the functions in containers, by `sam local`.")] = False,
) -> None:
    """Run everything on this machine: local AWS, MLflow, a first training, a live API. Ctrl-C stops it.

    Buckets, queues, logs, versions and MLflow's runs are kept in .localaws for the next start on the same ports.
    """
    console = Console(highlight=False, soft_wrap=True)
    options = Options(
        root=Path(__file__).parents[2],
        port=port,
        http_port=http_port,
        mlflow_port=mlflow_port if mlflow else None,
        dataset=dataset,
        stay=not check,
        fresh=fresh,
        docker=docker,
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
    if check:
        console.print("\n[bold green]Everything works[/], and is stopped again.")


if __name__ == "__main__":
    raise_interrupts()
    app(prog_name="scripts/start")
