"""Golden histories: what a version answers to a few, written when it was made, checked wherever it's loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic_core import from_json, to_json

from mlops.artifact.history import History
from mlops.artifact.recommender.ranking import Ranked, Ranking

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class GoldenAnswer:
    """A history, how many items were asked for, and the item model's answer."""

    history: History
    k: int
    expected: Ranked


def write_golden(answers: Sequence[GoldenAnswer]) -> bytes:
    """The content of the file."""
    return to_json(
        [
            {
                "items": each.history.items.tolist(),
                "weights": each.history.weights.tolist(),
                "disliked": each.history.disliked.tolist(),
                "k": each.k,
                "ranked": each.expected.items.tolist(),
                "scores": each.expected.scores.tolist(),
            }
            for each in answers
        ]
    )


def read_golden(content: bytes) -> list[GoldenAnswer]:
    """The answers in a file. Raises ValueError where it isn't one."""
    answers = from_json(content)
    if not isinstance(answers, list):
        raise ValueError("it must be a list of golden answers")
    try:
        return [
            GoldenAnswer(
                History(_integers(each["items"]), _numbers(each["weights"]), _integers(each["disliked"])),
                int(each["k"]),
                Ranked(_integers(each["ranked"]), _numbers(each["scores"])),
            )
            for each in answers
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"a golden answer lacks something: {error!r}") from None


def find_miss(ranking: Ranking, answers: Sequence[GoldenAnswer]) -> str | None:
    """How the graph misses a golden answer, if it does.

    Another processor may round sums another way, so the order of items whose scores differ by no more than the
    tolerance isn't compared.
    """
    for number, golden in enumerate(answers):
        found, expected = ranking.rank(golden.history, golden.k), golden.expected
        if len(found.items) != len(expected.items):
            return f"it answers golden history {number} with {len(found.items)} items, not {len(expected.items)}"
        off = float(np.max(np.abs(found.scores - expected.scores), initial=0.0))
        if not off <= TOLERANCE:
            return f"it misses golden history {number} by {off:.3g}, {TOLERANCE:g} is allowed"
        # An item that isn't expected ties with the last one: others with the same score were cut off.
        scores = dict(zip(expected.items.tolist(), expected.scores.tolist(), strict=True))
        for item, score in zip(found.items.tolist(), found.scores.tolist(), strict=True):
            if abs(scores.get(item, expected.scores[-1]) - score) > TOLERANCE:
                return f"it answers golden history {number} with other items"
    return None


def _integers(values: object) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _numbers(values: object) -> np.ndarray:
    return np.array(values, dtype=np.float64)
