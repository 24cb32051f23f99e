"""`mlops models rollback`: make the previous champion the champion again."""

import getpass
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.models.alias_moves import report_champion
from cli.models.registered_model import ModelArgument, open_model
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption
from mlops.errors.registry import AliasMoved
from mlops.registry.aliases import CHAMPION
from mlops.registry.promotion import roll_back


def rollback(
    model: ModelArgument,
    to: Annotated[
        str | None, typer.Option("--to", help="The version to go back to; the previous champion by default.")
    ] = None,
    why: WhyOption = "rolled back by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make the previous champion the champion again. Warm instances follow within seconds."""
    target = Stack(stack)
    found = open_model(target, model)
    before = found.aliases.find(CHAMPION)
    try:
        alias = roll_back(
            found.versions,
            found.aliases,
            by=by or getpass.getuser(),
            why=why,
            to=found.find(to).version if to else None,
            instead_of=before.version if before else None,
        )
    except AliasMoved as error:
        raise CommandError(f"{error} Nothing was changed; see `scripts/mlops models list`.") from error
    report_champion(target, found, before, alias, as_json=as_json)
