"""Somebody new comes to the shop: what they are recommended before and after what they do."""

import time
from datetime import datetime
from typing import Any

import numpy as np

from examples.shop import Shop, item_id
from loop.errors import LoopFailed
from loop.screen import Screen
from simulation.customers import ShopApi

WHO = "somebody-new"
BOUGHT_KIND, VIEWED_KIND = "books", "sports"
_SHOWN = 8
_WIDTH = 30
_LEAST = 0.005
_PATIENCE = 30
_VERBS = {"purchase": "bought", "view": "viewed"}


def show_somebody(screen: Screen, shop: Shop, api: ShopApi, at: datetime) -> None:
    """Print the answers side by side, and why. Raises LoopFailed if what they do doesn't change them as it should."""
    bought, viewed = _choose(shop, BOUGHT_KIND), _choose(shop, VIEWED_KIND)
    unknown = _ask(api)
    api.report([_act("purchase", bought, at), _act("view", viewed, at)])
    known = _ask(api)
    api.report([_act("dislike", bought, at)])
    left = _ask(api)
    _check(shop, bought, unknown, known, left)

    screen.line(f"\n[bold]Somebody new comes[/]: buys the {shop.title(bought)}, views the {shop.title(viewed)}")
    heads = ("nobody knows them: trending", "at once after that", f"then dislikes the {shop.title(bought)}")
    screen.line("[dim]    " + "".join(f"{head:<{_WIDTH}}" for head in heads).rstrip() + "[/]")
    for place in range(_SHOWN):
        cells = [_describe(shop, answer, place) for answer in (unknown, known, left)]
        screen.line(f"{place + 1:>2}  " + "".join(f"{cell:<{_WIDTH}}" for cell in cells).rstrip())
    screen.line("[dim]    why, after the purchase and the view:[/]")
    for place, each in enumerate(known["items"][:3], start=1):
        screen.line(f"{place:>2}  {each['title']}: because they {_explain(each)}")


def _ask(api: ShopApi) -> dict[str, Any]:
    """What they are recommended, by all that's known of them: a busy machine may not read the table in time."""
    deadline = time.monotonic() + _PATIENCE
    while (answer := api.recommend(WHO, _SHOWN, explain=True))["history"]["unavailable"]:
        if time.monotonic() > deadline:
            missing = ", ".join(answer["history"]["unavailable"])
            raise LoopFailed(f"Recommendations don't find what {WHO} did ({missing}) after {_PATIENCE} s.")
        time.sleep(0.2)
    return answer


def _choose(shop: Shop, kind: str) -> int:
    """The most popular item of a kind that may be recommended."""
    own = [item for item in range(shop.items) if shop.category(item) == kind and shop.available[item]]
    return max(own, key=lambda item: float(shop.popularity[item]))


def _act(event: str, item: int, at: datetime) -> dict[str, Any]:
    return {"id": f"{WHO}-{event}", "user": WHO, "item": item_id(item), "event": event, "time": at.isoformat()}


def _kinds(shop: Shop, answer: dict[str, Any]) -> list[str]:
    """The category of each item."""
    return [shop.category(int(each["item"][1:])) for each in answer["items"]]


def _describe(shop: Shop, answer: dict[str, Any], place: int) -> str:
    return f"{answer['items'][place]['title']} ({_kinds(shop, answer)[place]})"


def _explain(item: dict[str, Any]) -> str:
    """As `bought red novel (0.42) and viewed red ball (0.17)`."""
    told = [each for each in item["because"] if abs(each["contribution"]) >= _LEAST]
    return " and ".join(f"{_VERBS[each['event']]} {each['title']} ({each['contribution']:.2f})" for each in told)


def _check(shop: Shop, bought: int, unknown: Any, known: Any, left: Any) -> None:
    """Raise LoopFailed with what should have happened and didn't."""
    item = item_id(bought)
    sums = [sum(part["contribution"] for part in each["because"]) + each["others"] for each in known["items"]]
    before, after = _kinds(shop, known).count(BOUGHT_KIND), _kinds(shop, left).count(BOUGHT_KIND)
    expected = {
        "somebody unknown gets what is trending": unknown["basis"] == "trending",
        "the next answer is for their history": known["basis"] == left["basis"] == "history",
        "it's another one": [each["item"] for each in unknown["items"]] != [each["item"] for each in known["items"]],
        "what was bought speaks for the first item": item in [each["item"] for each in known["items"][0]["because"]],
        "reasons add up to scores": np.allclose(sums, [each["score"] for each in known["items"]], rtol=1e-6, atol=1e-9),
        "what's disliked isn't recommended": item not in [each["item"] for each in left["items"]],
        "nor speaks for anything": all(part["item"] != item for each in left["items"] for part in each["because"]),
        f"its kind goes (of {_SHOWN} items {before}, then {after} were {BOUGHT_KIND})": after < before,
    }
    if faults := [what for what, happened in expected.items() if not happened]:
        raise LoopFailed(
            f"The recommendations for somebody new aren't as they should be; missing: {'; '.join(faults)}."
        )
