"""`mlops monitor`: one file a command; windows.py finds the window that a command is about."""

import typer

from cli.monitor.report import report

app = typer.Typer(no_args_is_help=True)
app.command("report")(report)
