"""Which versions may answer where the champion can't be used: former champions that nobody took back."""

from dataclasses import dataclass
from datetime import datetime

from mlops.registry.aliases import Alias

ROLLED_BACK = "it was taken back by a rollback"
WITHDRAWN = "it was withdrawn as challenger"


@dataclass(frozen=True)
class Fallbacks:
    """The versions that may answer, the latest champion first, and why the other former champions may not."""

    versions: tuple[int, ...]
    barred: dict[int, str]


def find_fallbacks(champion: Alias, challenger: Alias | None) -> Fallbacks:
    """The former champions by the history of both aliases.

    A rollback takes back the version that it leaves, and those that were promoted between that and where it goes. A
    challenger that was withdrawn after it had been champion is taken back too. A later promotion makes up for both.
    """
    standing: list[int] = []
    barred: dict[int, str] = {}
    left: dict[int, datetime] = {}
    for move in champion.history:
        if move.previous is not None:
            left[move.previous] = move.at
        if move.action == "rollback":
            kept = standing.index(move.version) + 1 if move.version in standing else len(standing) - 1
            barred |= dict.fromkeys(standing[kept:], ROLLED_BACK)
            del standing[kept:]
        if move.version in standing:
            standing.remove(move.version)
        standing.append(move.version)
        barred.pop(move.version, None)
    for move in challenger.history if challenger else ():
        # A challenger that is promoted is withdrawn while it's champion: nobody took that back.
        if move.action == "withdrawal" and move.version in standing[:-1] and left[move.version] <= move.at:
            standing.remove(move.version)
            barred[move.version] = WITHDRAWN
    return Fallbacks(tuple(reversed(standing[:-1])), barred)
