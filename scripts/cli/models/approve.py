"""`mlops models approve`: make a version that is held for approval the champion."""

import getpass

from cli.errors import CommandError
from cli.models.alias_moves import report_champion
from cli.models.registered_model import ModelArgument, VersionArgument, open_model
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption
from mlops.errors.registry import VersionNotHeld
from mlops.registry.aliases import CHAMPION
from mlops.registry.promotion import approve_version


def approve(
    model: ModelArgument,
    version: VersionArgument,
    why: WhyOption = "approved by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make a version the champion whose dataset contradicts what was known, since the dataset is right."""
    target = Stack(stack)
    found = open_model(target, model)
    number = found.find(version).version
    before = found.aliases.find(CHAMPION)
    try:
        alias = approve_version(found.versions, found.aliases, number, by=by or getpass.getuser(), why=why)
    except VersionNotHeld as error:
        raise CommandError(f"{error} To promote it: scripts/mlops models promote {model} {number}") from error
    report_champion(target, found, before, alias, as_json=as_json)
