"""`mlops models promote`: make a version the champion."""

import getpass
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.models.alias_moves import ByOption, WhyOption, report_champion
from cli.models.registered_model import ModelArgument, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption
from mlops.errors import VersionRefused
from mlops.registry.aliases import CHAMPION
from mlops.registry.promotion import promote_version


def promote(
    model: ModelArgument,
    version: VersionArgument,
    why: WhyOption = "promoted by hand",
    by: ByOption = None,
    insist: Annotated[bool, typer.Option("--insist", help="Promote it even if it failed a gate.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make a version the champion. Warm instances follow within seconds, without a deployment."""
    target = Stack(stack)
    found = open_model(target, model)
    number = found.find(version).version
    before = found.aliases.find(CHAMPION)
    try:
        alias = promote_version(
            found.versions, found.aliases, number, by=by or getpass.getuser(), why=why, insist=insist
        )
    except VersionRefused as error:
        if found.versions.manifest(number).held:
            raise CommandError(
                f"{error}. It waits for approval: scripts/mlops models approve {model} {number}"
            ) from error
        raise CommandError(f"{error}. --insist promotes it anyway.") from error
    report_champion(target, found, before, alias, as_json=as_json)
