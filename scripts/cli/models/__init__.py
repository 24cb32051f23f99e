"""`mlops models`: a spec for a new one, what the registry holds, and who serves."""

import typer

from cli.models.compare import compare_versions
from cli.models.datasets import diff_data
from cli.models.lineage import show_lineage
from cli.models.listing import list_versions
from cli.models.new import new
from cli.models.reproduce import reproduce
from cli.models.show import show_version
from cli.models.steer import promote, rollback
from cli.models.trial import challenge, withdraw

app = typer.Typer(no_args_is_help=True)
app.command("new")(new)
app.command("list")(list_versions)
app.command("show")(show_version)
app.command("promote")(promote)
app.command("rollback")(rollback)
app.command("challenge")(challenge)
app.command("withdraw")(withdraw)
app.command("lineage")(show_lineage)
app.command("compare")(compare_versions)
app.command("diff-data")(diff_data)
app.command("reproduce")(reproduce)
