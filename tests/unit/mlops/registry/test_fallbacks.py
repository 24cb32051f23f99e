"""Of the former champions only those may answer for the champion that nobody took back."""

from datetime import timedelta
from itertools import count

import pytest
from obstore.store import MemoryStore

from mlops.registry.aliases import CHALLENGER, CHAMPION, Action, Aliases
from mlops.registry.fallbacks import ROLLED_BACK, WITHDRAWN, Fallbacks, find_fallbacks
from tests.unit.mlops.registry.samples import NOON

ACTIONS: dict[str, tuple[str, Action]] = {
    "promote": (CHAMPION, "promotion"),
    "back": (CHAMPION, "rollback"),
    "try": (CHALLENGER, "promotion"),
    "withdraw": (CHALLENGER, "withdrawal"),
    "accept": (CHALLENGER, "acceptance"),
}


def after(moves: str) -> Fallbacks:
    """What may answer after moves such as "promote 1, back 2", a minute apart."""
    minutes = count()
    aliases = Aliases(MemoryStore(), "leaves", now=lambda: NOON + timedelta(minutes=next(minutes)))
    for move in moves.split(", "):
        word, number = move.split()
        name, action = ACTIONS[word]
        aliases.move(name, int(number), by="ann", why="a test", seen=aliases.find(name), action=action)
    champion = aliases.find(CHAMPION)
    assert champion
    return find_fallbacks(champion, aliases.find(CHALLENGER))


@pytest.mark.parametrize(
    ("moves", "versions", "barred"),
    [
        ("promote 1", (), {}),
        ("promote 1, promote 2, promote 3", (2, 1), {}),
        ("promote 1, promote 2, promote 1", (2,), {}),
        ("promote 1, promote 2, back 1", (), {2: ROLLED_BACK}),
        ("promote 1, promote 2, back 1, promote 3", (1,), {2: ROLLED_BACK}),
        ("promote 1, promote 2, promote 3, back 1", (), {2: ROLLED_BACK, 3: ROLLED_BACK}),
        ("promote 1, promote 2, promote 3, back 2, back 1", (), {2: ROLLED_BACK, 3: ROLLED_BACK}),
        ("promote 1, promote 3, back 2", (1,), {3: ROLLED_BACK}),
        ("promote 1, promote 2, back 1, back 2", (), {1: ROLLED_BACK}),
        ("promote 1, promote 2, back 1, promote 2, promote 3", (2, 1), {}),
        ("promote 1, try 2, withdraw 2, promote 3", (1,), {}),
        ("promote 1, try 2, accept 2, promote 2, promote 3", (2, 1), {}),
        ("promote 1, promote 2, try 1, withdraw 1", (), {1: WITHDRAWN}),
        ("promote 1, try 2, promote 2, withdraw 2, promote 3", (2, 1), {}),
        ("promote 1, try 2, withdraw 2, promote 2, promote 3", (2, 1), {}),
        ("promote 1, promote 2, try 1, withdraw 1, promote 1, promote 3", (1, 2), {}),
    ],
)
def test_versions_that_were_taken_back_may_not_answer(
    moves: str, versions: tuple[int, ...], barred: dict[int, str]
) -> None:
    assert after(moves) == Fallbacks(versions, barred)
