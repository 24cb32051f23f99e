"""`mlops recommend` shows items with titles, scores, the basis, and the largest reasons, whose sum is the score."""

import re
from typing import Any

import pytest

from cli.console import Console
from cli.recommend import show

REASONS = [
    ("Lamp", "purchase", 0.4),
    ("Chair", "view", 0.2),
    ("Desk", None, 0.1),
    ("Pen", "view", 0.05),
    ("Mug", "view", -0.02),
]


def explain(reasons: list[tuple[str, str | None, float]], others: float) -> dict[str, Any]:
    because = []
    for title, event, contribution in reasons:
        named = {"event": event} if event else {}
        because.append({"item": title.lower(), "title": title, **named, "contribution": contribution})
    return {"because": because, "others": others}


def answer(*items: dict[str, Any], basis: str = "history") -> dict[str, Any]:
    history = {"items": 2, "sources": {"training": 2}, "unavailable": ["recent"], "unknown_items": 1}
    found = {"model": "shop", "version": 3, "basis": basis, "items": list(items)}
    return {**found, "recommendation_id": "r1", "history": history}


def shown(document: dict[str, Any]) -> list[str]:
    console = Console(width=100, no_color=True)
    with console.capture() as captured:
        show(console, document)
    return [line.rstrip() for line in captured.get().splitlines()]


NOTES = [
    "history: 2 of training; recommendation r1",
    "could not be read: recent",
    "events with items that this version doesn't know: 1",
]


def test_positions_titles_scores_and_the_basis_are_shown() -> None:
    lines = shown(answer({"item": "i1", "title": "Sofa", "score": 0.5}, {"item": "i22", "title": "Bed", "score": 0.25}))
    assert lines[0] == "shop version 3, for the user's history"
    assert [line.split() for line in lines[1:4]] == [
        ["item", "title", "score"],
        ["1", "i1", "Sofa", "0.500"],
        ["2", "i22", "Bed", "0.250"],
    ]
    assert lines[4:] == NOTES


def test_the_largest_reasons_are_shown_and_add_up_to_the_score() -> None:
    _, _, line, *_ = shown(answer({"item": "i1", "title": "Sofa", "score": 0.73, **explain(REASONS, 0.0)}))
    assert line.endswith("purchase of Lamp (0.40), view of Chair (0.20), Desk (0.10), others (0.03)")
    assert sum(map(float, re.findall(r"\((-?[\d.]+)\)", line))) == pytest.approx(0.73)


def test_what_is_trending_has_no_empty_columns() -> None:
    lines = shown(answer({"item": "i1", "title": "Sofa", "score": None, **explain([], 0.0)}, basis="trending"))
    assert lines[0] == "shop version 3, what is trending: nothing is known of what the user prefers"
    assert [line.split() for line in lines[1:3]] == [["item", "title"], ["1", "i1", "Sofa"]]


def test_that_no_item_is_left_is_said() -> None:
    assert shown(answer()) == ["shop version 3, for the user's history", "no item is left to recommend", *NOTES]


def test_a_title_is_text_and_no_markup() -> None:
    assert "[red]Sofa" in "\n".join(shown(answer({"item": "i1", "title": "[red]Sofa", "score": 1.0})))
