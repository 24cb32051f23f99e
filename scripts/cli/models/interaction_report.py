"""What was inferred of a first dataset of interactions, as a table for people and as a document for programs."""

from typing import Any

from rich.markup import escape

from cli.stack import console
from cli.table import Table
from mlops.recommend.draft.draft import InteractionDraft


def print_interactions(draft: InteractionDraft) -> None:
    """Print what each column is, the weights of events, and the notes on what to review."""
    roles = draft.roles
    columns = {"user": roles.user, "item": roles.item, "time": roles.time, "event": roles.event}
    table = Table()
    for heading in ("role", "column", "values"):
        table.add_column(heading, no_wrap=heading != "values")
    for role, column in columns.items():
        values = ", ".join(f"{name} {_weight(weight)}" for name, weight in draft.events.items())
        table.add_row(role, escape(column or "none"), escape(values) if role == "event" and column else "")
    if draft.rating:
        rating = draft.rating
        liked = "" if rating.like_from is None else f", liked from {rating.like_from:g}"
        table.add_row("rating", escape(rating.column), f"{rating.minimum:g} to {rating.maximum:g}{liked}")
    for column in draft.ignored:
        table.add_row("[dim]ignored[/]", escape(column), "")
    console.print(table)
    for note in draft.notes:
        console.print(f"[yellow]![/] {escape(note)}")


def to_document(draft: InteractionDraft) -> dict[str, Any]:
    """The draft's fields, ready for JSON."""
    roles = draft.roles
    return {
        "model": draft.name,
        "kind": "recommender",
        "user": roles.user,
        "item": roles.item,
        "time": roles.time,
        "event": roles.event,
        "rating": draft.rating.model_dump() if draft.rating else None,
        "events": draft.events,
        "ignored": draft.ignored,
        "split": draft.split,
        "limits": draft.limits,
        "notes": draft.notes,
    }


def _weight(weight: float | None) -> str:
    return "(shown)" if weight is None else f"{weight:g}"
