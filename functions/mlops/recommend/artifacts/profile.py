"""What a version learnt from, in figures: monitoring compares what comes later with it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import numpy as np

from mlops.interactions import InteractionContract
from mlops.recommend.interactions import Interactions


def profile(interactions: Interactions, contract: InteractionContract) -> dict[str, Any]:
    """Counts of users, items and events, and how many users liked each item, in the order of the version's items."""
    liked = interactions.pairs()
    taken = liked.keys[~liked.disliked & (liked.weights > 0)] % len(interactions.items)
    names = [*contract.events]
    events = Counter({names[place]: count for place, count in enumerate(np.bincount(interactions.event).tolist())})
    since, until = time_span(interactions, contract)
    return {
        "users": len(interactions.users),
        "items": len(interactions.items),
        "interactions": len(interactions),
        "events": {name: events[name] for name in names if events[name]},
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "users_of_items": np.bincount(taken, minlength=len(interactions.items)).tolist(),
    }


def time_span(interactions: Interactions, contract: InteractionContract) -> tuple[datetime | None, datetime | None]:
    """When the first interaction happened, and the last; None where they have no times."""
    if contract.time is None or not len(interactions):
        return None, None
    first, last = int(interactions.time.min()), int(interactions.time.max())
    return datetime.fromtimestamp(first / 1000, UTC), datetime.fromtimestamp(last / 1000, UTC)
