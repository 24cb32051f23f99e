"""Markdown tables of shares with their intervals, for the drift benchmark."""

import math
from collections.abc import Sequence


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def head(*names: str) -> None:
    """Print a table's head."""
    row(*names)
    row(*["---"] * len(names))


def wilson(count: int, total: int) -> tuple[float, float, float]:
    """A share in percent with its 95 % interval (Wilson)."""
    z, found = 1.96, count / total
    centre = (found + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(found * (1 - found) / total + z**2 / (4 * total**2))
    return 100 * found, 100 * max(0.0, centre - half), 100 * min(1.0, centre + half)


def percent(found: Sequence[bool]) -> str:
    """The count of what was found, and its share with the interval; a dash if nothing was looked at."""
    if not found:
        return "-"
    share, low, high = wilson(sum(found), len(found))
    return f"{sum(found)}: {share:.1f} % ({low:.1f} to {high:.1f})"


def whole_percent(found: Sequence[bool]) -> str:
    """The share of what was found with its interval, in whole percent."""
    share, low, high = wilson(sum(found), len(found))
    return f"{share:.0f} ({low:.0f} to {high:.0f})"
