"""`mlops monitor`: one file a command; windows.py finds the window that a command is about."""

import typer

from cli.monitor.incidents import incidents
from cli.monitor.report import report
from cli.monitor.run import run
from cli.monitor.simulate import simulate
from cli.monitor.status import status

app = typer.Typer(no_args_is_help=True)
app.command("run")(run)
app.command("status")(status)
app.command("report")(report)
app.command("incidents")(incidents)
app.command("simulate")(simulate)
