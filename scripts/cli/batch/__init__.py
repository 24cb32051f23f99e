"""`mlops batch`: one file a command; executions.py is what they know of the state machine."""

import typer

from cli.batch.redrive import redrive
from cli.batch.results import results
from cli.batch.run import run
from cli.batch.schedule import schedule, schedules, unschedule
from cli.batch.status import status

app = typer.Typer(no_args_is_help=True)
app.command("run")(run)
app.command("status")(status)
app.command("results")(results)
app.command("redrive")(redrive)
app.command("schedule")(schedule)
app.command("schedules")(schedules)
app.command("unschedule")(unschedule)
