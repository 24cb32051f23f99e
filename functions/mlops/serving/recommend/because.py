"""What of a history speaks for an item: "because you bought X (0.42) and viewed Y (0.17)"."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.serving.recommend.sources import Gathered
from mlops.serving.recommender import Recommender

MAX_EXPLAINED = 50
"""Items of an answer that is explained: contributions are computed for each with each item of the history."""
_MAX_SHOWN = 5


def explain_item(served: Recommender, gathered: Gathered, contributions: NDArray[np.float64]) -> dict[str, Any]:
    """`because`, the items of the history that contribute most, and `others`, the sum of the rest.

    `contributions` [H] are those to the item's score, which is the sum of all.
    """
    largest = np.argsort(-np.abs(contributions), kind="stable")[:_MAX_SHOWN]
    shown = [place for place in largest.tolist() if contributions[place] != 0]
    because = [_describe(served, gathered, place, float(contributions[place])) for place in shown]
    return {"because": because, "others": float(contributions.sum() - contributions[shown].sum())}


def _describe(served: Recommender, gathered: Gathered, place: int, contribution: float) -> dict[str, Any]:
    item = int(gathered.history.items[place])
    described: dict[str, Any] = {"item": served.items.ids[item]}
    title = served.items.titles[item] if served.items.titles else None
    if title:
        described["title"] = title
    weight = float(gathered.history.weights[place])
    name = _find_name(served, gathered, described["item"], weight) or _name_by_weight(served, weight)
    if name:
        described["event"] = name
    return {**described, "contribution": contribution}


def _find_name(served: Recommender, gathered: Gathered, item: str, weight: float) -> str | None:
    """The event with the item that has this weight, the strongest that there was."""
    contract = served.interactions
    for other, name, _, rating in gathered.events:
        if other == item and name in contract.events and contract.weigh(name, rating) == weight:
            return name
    return None


def _name_by_weight(served: Recommender, weight: float) -> str | None:
    """The one event that has this weight; histories of the training data have no names."""
    names = [name for name, each in served.interactions.events.items() if each == weight]
    return names[0] if len(names) == 1 else None
