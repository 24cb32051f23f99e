"""`mlops models`: one file a command; registered_model.py finds the version that a command is about."""

import typer

from cli.models.approve import approve
from cli.models.canary import app as canary
from cli.models.challenge import challenge
from cli.models.compare import compare
from cli.models.diff_data import diff_data
from cli.models.lineage import lineage
from cli.models.list import list_versions
from cli.models.new import new
from cli.models.promote import promote
from cli.models.reproduce import reproduce
from cli.models.rollback import rollback
from cli.models.show import show
from cli.models.withdraw import withdraw

app = typer.Typer(no_args_is_help=True)
app.command("new")(new)
app.command("list")(list_versions)
app.command("show")(show)
app.command("promote")(promote)
app.command("approve")(approve)
app.command("rollback")(rollback)
app.command("challenge")(challenge)
app.command("withdraw")(withdraw)
app.command("lineage")(lineage)
app.command("compare")(compare)
app.command("diff-data")(diff_data)
app.command("reproduce")(reproduce)
app.add_typer(canary, name="canary", help="A version that is tried on a share of the requests.")
