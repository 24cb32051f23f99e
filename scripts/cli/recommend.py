"""`mlops recommend`: what the API recommends to a user, and what speaks for it."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.api import call, connect
from cli.console import Console
from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table

_MOST_REASONS = 3
_LEAST = 0.005
_BASES = {
    "history": "for the user's history",
    "trending": "what is trending: nothing is known of what the user prefers",
}


def recommend(
    user: Annotated[str | None, typer.Argument(help="The user's id; without one, only --event is known.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="The recommender; the stack's default one otherwise.")
    ] = None,
    count: Annotated[int | None, typer.Option("-k", "--count", help="How many items.", min=1)] = None,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", help="What else the user did, as EVENT:ITEM, such as purchase:i42. Repeatable."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="An item to leave out. Repeatable.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what speaks for each item.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Recommend items to a user, with the champion. It takes what was last reported of the user into account."""
    body: dict[str, Any] = {"user": user, "k": count, "exclude": exclude or [], "history": _read_events(event or [])}
    path = f"/models/{model}/recommend" if model else "/recommend"
    with connect(Stack(stack).outputs["ApiUrl"], 30) as api:
        answer = call(api, "POST", f"{path}?explain=true" if explain else path, body)
    if as_json:
        console.print_json(json.dumps(answer))
        return
    show(console, answer)


def show(to: Console, answer: dict[str, Any]) -> None:
    """Print an answer: what it's based on, the items, and notes."""
    # The title of a table would be broken to its width.
    to.print(f"{escape(answer['model'])} version {answer['version']}, {_BASES[answer['basis']]}", style="bold")
    to.print(_table(answer) if answer["items"] else "no item is left to recommend")
    for line in _notes(answer):
        to.print(escape(line), style="dim")


def _read_events(given: list[str]) -> list[dict[str, str]]:
    events = []
    for each in given:
        name, colon, item = each.partition(":")
        if not (name and colon and item):
            raise CommandError(f"--event is EVENT:ITEM, such as purchase:i42, not {each!r}.")
        events.append({"event": name, "item": item})
    return events


def _table(answer: dict[str, Any]) -> Table:
    items = answer["items"]
    table = Table()
    has_titles, has_scores, has_reasons = (
        any(each.get(name) not in (None, []) for each in items) for name in ("title", "score", "because")
    )
    table.add_column("", justify="right", style="dim")
    table.add_column("item")
    if has_titles:
        table.add_column("title")
    if has_scores:
        table.add_column("score", justify="right")
    if has_reasons:
        table.add_column("because", overflow="fold")
    for position, each in enumerate(items, start=1):
        cells = [str(position), escape(each["item"])]
        if has_titles:
            cells.append(escape(each.get("title", "")))
        if has_scores:
            cells.append(f"{each['score']:.3f}")
        if has_reasons:
            cells.append(escape(_reasons(each)))
        table.add_row(*cells)
    return table


def _reasons(item: dict[str, Any]) -> str:
    """The largest reasons in short: `purchase of Lamp (0.42), view of Chair (0.17), others (0.05)`."""
    parts = []
    for each in item["because"][:_MOST_REASONS]:
        what = each.get("title", each["item"])
        what = f"{each['event']} of {what}" if "event" in each else what
        parts.append(f"{what} ({each['contribution']:.2f})")
    others = item["others"] + sum(each["contribution"] for each in item["because"][_MOST_REASONS:])
    if abs(others) >= _LEAST:
        parts.append(f"others ({others:.2f})")
    return ", ".join(parts)


def _notes(answer: dict[str, Any]) -> list[str]:
    history = answer["history"]
    sources = ", ".join(f"{count} of {source}" for source, count in history["sources"].items())
    notes = [f"history: {sources or 'none'}; recommendation {answer['recommendation_id']}"]
    if history["unavailable"]:
        notes.append(f"could not be read: {', '.join(history['unavailable'])}")
    if history["unknown_items"]:
        notes.append(f"events with items that this version doesn't know: {history['unknown_items']}")
    return notes
