"""`mlops models withdraw`: remove the challenger."""

import getpass

from cli.models.alias_moves import report_challenger
from cli.models.registered_model import ModelArgument, open_model
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption
from mlops.registry import challenge as challenges


def withdraw(
    model: ModelArgument,
    why: WhyOption = "withdrawn by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Remove the challenger: the champion answers every request, and nothing is scored in shadow mode."""
    alias = challenges.withdraw(open_model(Stack(stack), model).aliases, by=by or getpass.getuser(), why=why)
    report_challenger(alias, f"version {alias.version} of {model} is no longer the challenger", as_json=as_json)
