"""`mlops monitor`: one file a command."""

import typer

from cli.monitor.incidents import incidents
from cli.monitor.run import run
from cli.monitor.status import status

app = typer.Typer(no_args_is_help=True)
app.command("run")(run)
app.command("status")(status)
app.command("incidents")(incidents)
