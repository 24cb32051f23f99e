"""`mlops records`: one file a command; stretch.py opens the records of a model and a stretch of time."""

import typer

from cli.records.count import count
from cli.records.export import export
from cli.records.query import query
from cli.records.recover import recover
from cli.records.show import show

app = typer.Typer(no_args_is_help=True)
app.command("show")(show)
app.command("count")(count)
app.command("query")(query)
app.command("export")(export)
app.command("recover")(recover)
