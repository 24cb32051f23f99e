"""`mlops models challenge`: make a version the challenger."""

import getpass
from typing import Annotated

import typer

from cli.models.alias_moves import report_challenger
from cli.models.registered_model import ModelArgument, VersionArgument, open_model
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption
from mlops.registry import challenge as challenges


def challenge(
    model: ModelArgument,
    version: VersionArgument,
    share: Annotated[
        float,
        typer.Option(
            "--share", help="The share of the requests that it answers, 0 to 1; 0 is shadow mode.", min=0, max=1
        ),
    ] = 0.0,
    why: WhyOption = "tried against the champion",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make a version the challenger: it scores the champion's requests in shadow mode, or answers a share of them."""
    found = open_model(Stack(stack), model)
    number = found.find(version).version
    alias = challenges.challenge(
        found.versions, found.aliases, number, share=share, by=by or getpass.getuser(), why=why
    )
    mode = f"and answers {share:.1%} of the requests" if share else "in shadow mode"
    report_challenger(alias, f"version {number} of {model} is the challenger, {mode}", as_json=as_json)
