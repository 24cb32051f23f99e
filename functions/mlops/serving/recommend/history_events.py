"""The events of a user's history, for people who look at what recommendations are made from."""

from datetime import UTC, datetime
from typing import Any

from mlops.serving.recommend.sources import Gathered
from mlops.serving.recommender import Recommender

MOST = 100
HIDDEN = "ids of users are dropped (user_privacy='drop'), so what one of them did is shown to nobody"


def list_events(served: Recommender, gathered: Gathered) -> dict[str, Any]:
    """`events`, the latest first, each with item, kind and time; how many are `more_events`; or why none is shown.

    An event's `title` is None for an item that has none; `known` says whether the version knows the item.
    """
    if served.interactions.user_privacy == "drop":
        return {"events": [], "more_events": 0, "events_hidden": HIDDEN}
    places, titles = served.items.places, served.items.titles
    ordered = sorted(gathered.events, key=lambda event: event[2], reverse=True)
    return {
        "events": [
            {
                "item": item,
                "title": titles[places[item]] if titles and item in places else None,
                "event": name,
                "time": datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds"),
                "rating": rating,
                "known": item in places,
            }
            for item, name, time, rating in ordered[:MOST]
        ],
        "more_events": max(0, len(ordered) - MOST),
        "events_hidden": None,
    }
