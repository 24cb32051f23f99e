"""The part of an alias's history that a moment lies in."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from mlops.registry.aliases import Alias, Move


@dataclass(frozen=True)
class Tenure:
    """The time in which an alias was as one move left it: from `start` up to but not including `end`.

    `end` is None while it's still so; `successor` is the move that ended it. `number` is the move's in the history.
    """

    move: Move
    start: datetime
    end: datetime | None
    successor: Move | None
    number: int = 0


def find_tenure(alias: Alias, moment: datetime) -> Tenure | None:
    """The tenure that the moment lies in; None before the first move. At the moment of a move the new one holds.

    Two who move an alias have two clocks. No move took effect before the one that it followed, whatever its time says.
    """
    starts = [*accumulate((move.at for move in alias.history), max)]
    past = [number for number, start in enumerate(starts) if start <= moment]
    if not past:
        return None
    number = past[-1]
    is_last = number + 1 == len(starts)
    return Tenure(
        move=alias.history[number],
        start=starts[number],
        end=None if is_last else starts[number + 1],
        successor=None if is_last else alias.history[number + 1],
        number=number,
    )
