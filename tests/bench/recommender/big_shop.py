"""Interactions of a large simulated shop, made in little memory: tastes are groups of items, popularity a power law."""

import numpy as np

from mlops.recommend.interactions import Interactions

DAY = 86_400_000
START = 1_700_000_000_000


def draw_big_shop(users: int, items: int, events: int, seed: int, groups: int = 200) -> Interactions:
    """So many events over a year; a user mostly takes items of three groups, by their popularity.

    How many events a user has is lognormal, so a few have hundreds.
    """
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1, users)
    user = np.repeat(np.arange(users, dtype=np.int32), rng.multinomial(events, activity / activity.sum()))
    of_group = -(-items // groups)
    chances = np.arange(1, of_group + 1) ** -0.9
    tastes = rng.integers(0, groups, (users, 3), dtype=np.int32)
    group = tastes[user, rng.integers(0, 3, events, dtype=np.int8)]
    strays = rng.random(events, dtype=np.float32) < 0.2
    group[strays] = rng.integers(0, groups, int(strays.sum()), dtype=np.int32)
    place = rng.choice(of_group, events, p=chances / chances.sum()).astype(np.int32)
    item = np.minimum(place * groups + group, items - 1).astype(np.int32)
    return Interactions(
        users=np.array([f"u{number}" for number in range(users)], dtype=object),
        items=np.array([f"i{number}" for number in range(items)], dtype=object),
        user=user,
        item=item,
        weight=np.ones(events),
        time=START + rng.integers(0, 365 * DAY, events),
        event=np.zeros(events, dtype=np.int8),
    )
