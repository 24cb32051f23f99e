"""`mlops models promote`: make a version the champion, at once or by a canary."""

import getpass
from datetime import timedelta
from typing import Annotated, cast

import typer

from cli.errors import CommandError
from cli.models.alias_moves import report_challenger, report_champion
from cli.models.registered_model import ModelArgument, RegisteredModel, VersionArgument, open_model
from cli.periods import parse_duration
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption
from mlops.errors.registry import VersionRefused
from mlops.registry.aliases import CHAMPION, Undecided
from mlops.registry.canary import CanaryPlan, start_canary
from mlops.registry.promotion import promote_version


def promote(
    model: ModelArgument,
    version: VersionArgument,
    why: WhyOption = "promoted by hand",
    by: ByOption = None,
    insist: Annotated[bool, typer.Option("--insist", help="Promote it even if it failed a gate.")] = False,
    canary: Annotated[
        float | None,
        typer.Option(
            "--canary", help="Let it answer this share of the requests first, such as 0.1; their truth decides."
        ),
    ] = None,
    lasts: Annotated[str, typer.Option("--for", help="With --canary: for how long at most, such as 12h or 7d.")] = "7d",
    undecided: Annotated[
        str | None,
        typer.Option(
            "--undecided", help="With --canary: withdraw or promote it then; the model's spec says by default."
        ),
    ] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make a version the champion. Warm instances follow within seconds, without a deployment.

    With --canary it becomes champion if its answers to a share of the requests aren't worse than the champion's.
    """
    target = Stack(stack)
    found = open_model(target, model)
    number = found.find(version).version
    if canary is not None:
        plan = _make_plan(canary, lasts, undecided)
        _start_canary(found, number, plan, by=by or getpass.getuser(), why=why, insist=insist, as_json=as_json)
        return
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


def _make_plan(share: float, lasts: str, undecided: str | None) -> CanaryPlan:
    if undecided not in (None, "withdraw", "promote"):
        raise CommandError(f"--undecided is {undecided!r}; it is withdraw or promote")
    try:
        return CanaryPlan(
            share=share, lasts=timedelta(seconds=parse_duration(lasts, "--for")), undecided=cast("Undecided", undecided)
        )
    except ValueError as error:
        raise CommandError(f"{error}") from error


def _start_canary(
    model: RegisteredModel, number: int, plan: CanaryPlan, *, by: str, why: str, insist: bool, as_json: bool
) -> None:
    alias = start_canary(model.versions, model.aliases, number, plan, by=by, why=why, insist=insist)
    assert alias.canary is not None
    sentence = (
        f"version {number} of {model.name} answers {plan.share:.1%} of the requests next to version "
        f"{alias.canary.against}, until {alias.canary.until:%Y-%m-%d %H:%M} UTC at the latest\n"
        f"what is observed: scripts/mlops models canary status {model.name}"
    )
    report_challenger(alias, sentence, as_json=as_json)
