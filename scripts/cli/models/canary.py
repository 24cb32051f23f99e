"""`mlops models canary`: what was observed of a version that is tried on a share of the requests; and to stop it."""

import getpass
import json
from typing import Any

import typer
from rich.markup import escape

from cli.errors import CommandError
from cli.models.alias_moves import report_challenger
from cli.models.registered_model import ModelArgument, RegisteredModel, open_model
from cli.records.stretch import open_records
from cli.records.tables import make_table
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption, console
from mlops.errors.registry import AliasMoved, CanaryNotRunning
from mlops.registry.aliases import CHALLENGER, Move
from mlops.registry.canary import stop_canary

app = typer.Typer(no_args_is_help=True)


@app.command("status")
def status(model: ModelArgument, stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """The model's canary, or the last one: its share, its end, and what the last look at it found."""
    # Slow to import, and no other command of the registry needs it.
    from mlops.monitoring.archive import Archive

    target = Stack(stack)
    found = _find_last(open_model(target, model))
    if found is None:
        raise CommandError(f"No version of {model!r} was ever tried as a canary: scripts/mlops models promote --canary")
    start, end = found
    facts = Archive(open_records(target)).read_canary(model, start.version, start.at)
    observed = None if facts is None else facts.model_dump(mode="json")
    moves = {
        name: None if move is None else move.model_dump(mode="json")
        for name, move in zip(("start", "end"), found, strict=True)
    }
    if as_json:
        console.print_json(json.dumps({"model": model, **moves, "observed": observed}))
    else:
        _print(model, start, end, observed)


@app.command("stop")
def stop(
    model: ModelArgument,
    why: WhyOption = "stopped by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Withdraw the version that is tried: the champion answers every request again, within seconds."""
    try:
        alias = stop_canary(open_model(Stack(stack), model).aliases, by=by or getpass.getuser(), why=why)
    except (AliasMoved, CanaryNotRunning) as error:
        raise CommandError(f"{error} See `scripts/mlops models canary status {model}`.") from error
    report_challenger(alias, f"the canary of version {alias.version} of {model} is stopped", as_json=as_json)


def _find_last(model: RegisteredModel) -> tuple[Move, Move | None] | None:
    """The move that began the last canary, and the one that ended it, if it's over."""
    alias = model.aliases.find(CHALLENGER)
    history = alias.history if alias else ()
    starts = [place for place, move in enumerate(history) if move.canary and move.action == "promotion"]
    if not starts:
        return None
    return history[starts[-1]], history[starts[-1] + 1] if starts[-1] + 1 < len(history) else None


def _print(model: str, start: Move, end: Move | None, observed: dict[str, Any] | None) -> None:
    assert start.canary is not None
    console.print(
        f"[bold]version {start.version} of {escape(model)}[/] answers {start.share:.1%} of the requests "
        f"next to version {start.canary.against}"
        if end is None
        else f"[bold]version {start.version} of {escape(model)}[/] answered {start.share:.1%} of the requests "
        f"next to version {start.canary.against}"
    )
    console.print(f"  since   {start.at:%Y-%m-%d %H:%M:%S} UTC, by {start.by}: {start.why}", markup=False)
    if end is None:
        console.print(f"  until   {start.canary.until:%Y-%m-%d %H:%M:%S} UTC at the latest", markup=False)
    else:
        what = {"acceptance": "accepted", "withdrawal": "withdrawn"}.get(end.action, "replaced")
        console.print(f"  {what} {end.at:%Y-%m-%d %H:%M:%S} UTC, by {end.by}: {end.why}", markup=False)
    if observed is None:
        console.print(
            "\nNobody looked at its records yet: monitoring does each hour, and `scripts/mlops monitor run` now."
        )
        return
    console.print(f"\nlooked at {observed['looked_at'][:19]} UTC: {observed['reason']}", markup=False)
    difference = observed["difference"]
    shown = {
        "requests in its share": f"{observed['requests']:,}",
        "of them failed": f"{observed['failed']:,}",
        "of them slow": f"{observed['slow']:,}",
        "rows that both answered, with truth": f"{observed['pairs']:,}",
        f"difference of {observed['loss']}": "unknown"
        if difference is None
        else f"{difference['value']:+.4f} ({difference['low']:+.4f} to {difference['high']:+.4f})",
        "margin": f"{observed['margin']:.4f}",
        "evidence that it's worse": f"{observed['worse']:.0%} of what withdraws it",
        "evidence that it isn't worse by the margin": f"{observed['not_worse']:.0%} of what promotes it",
    }
    console.print(make_table(["", "value"], [{"": name, "value": value} for name, value in shown.items()]))
