"""`mlops models challenge` and `withdraw`: a version tried beside the champion."""

import getpass
from typing import Annotated

import typer
from rich.markup import escape

from cli.models.steer import ByOption, WhyOption
from cli.registry import ModelArgument, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.registry.aliases import Alias
from mlops.registry.challenge import challenge as start_challenge
from mlops.registry.challenge import withdraw as end_challenge


def challenge(
    model: ModelArgument,
    version: VersionArgument,
    share: Annotated[
        float, typer.Option("--share", help="The part of the requests that it answers; 0 is the shadow.", min=0, max=1)
    ] = 0.0,
    why: WhyOption = "tried beside the champion",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Try a version on the champion's own requests: in its shadow, logged beside it, or with a share of them."""
    found = open_model(Stack(stack), model)
    number = found.find(version).version
    alias = start_challenge(found.versions, found.aliases, number, share=share, by=by or getpass.getuser(), why=why)
    part = f"and answers {share:.1%} of the requests" if share else "in the champion's shadow"
    _tell(alias, f"version {number} of {model} is the challenger from now on, {part}", as_json=as_json)


def withdraw(
    model: ModelArgument,
    why: WhyOption = "withdrawn by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """End the trial: there is no challenger any more."""
    alias = end_challenge(open_model(Stack(stack), model).aliases, by=by or getpass.getuser(), why=why)
    _tell(alias, f"version {alias.version} of {model} is the challenger no more", as_json=as_json)


def _tell(alias: Alias, sentence: str, *, as_json: bool) -> None:
    if as_json:
        console.print_json(alias.history[-1].model_dump_json())
    else:
        console.print(escape(sentence))
