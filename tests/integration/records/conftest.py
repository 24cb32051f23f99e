"""A hundred thousand truths: late, doubled, corrected, out of order, and a tenth of predictions that nobody knows."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from mlops.contract import Column, Contract, Target
from mlops.records.join import JoinCounts
from mlops.records.truths import Truth

MODEL = "churn"
LABELS = ("no", "yes")
CONTRACT = Contract(
    columns=(Column(name="income"), Column(name="age", kind="integer")),
    target=Target(name="churned", task="binary", labels=LABELS),
)
FIRST = datetime(2026, 9, 1, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 29, 10, tzinfo=UTC)
TRUTHS = 100_000


def make_id(moment: datetime, number: int) -> str:
    """The id of prediction `number`, made at a moment."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7{number % 4096:03x}-8000-{number:012x}"


@dataclass(frozen=True)
class Delivery:
    """Predictions by id and time, and the lines of feedback in the order in which they are sent."""

    predictions: dict[str, datetime]
    lines: list[Truth]

    def standing(self) -> dict[str, Truth]:
        """The rule, written plainly. All are received at the same time: the latest `at`, then the greater truth."""
        best: dict[str, Truth] = {}
        for line in self.lines:
            assert line.prediction_id is not None
            other = best.get(line.prediction_id)
            if other is None or (line.at, str(line.truth)) > (other.at, str(other.truth)):
                best[line.prediction_id] = line
        return best

    def counts(self) -> JoinCounts:
        """used, unknown, superseded and duplicate lines."""
        standing = self.standing()
        distinct = Counter((line.prediction_id, line.truth, line.at) for line in self.lines)
        used = len(standing.keys() & self.predictions.keys())
        return JoinCounts(
            received=len(self.lines),
            used=used,
            unknown=len(standing) - used,
            superseded=len(distinct) - len(standing),
            duplicates=len(self.lines) - len(distinct),
        )

    def csv(self) -> str:
        """The lines as a feedback file."""
        rows = [f"{line.prediction_id},{line.truth},{line.at.isoformat()}" for line in self.lines]
        return "\n".join(["prediction_id,truth,at", *rows, ""])


def body(lines: list[Truth]) -> bytes:
    """The lines as a request."""
    truths = [{"prediction_id": line.prediction_id, "truth": line.truth, "at": line.at.isoformat()} for line in lines]
    return json.dumps({"truths": truths}).encode()


def make_delivery(count: int, seed: int = 2026) -> Delivery:
    """`count` lines of feedback about predictions of the last three months."""
    random = Random(seed)
    predictions: dict[str, datetime] = {}
    lines: list[Truth] = []
    number = 0
    while len(lines) < count:
        made = FIRST + timedelta(seconds=random.randrange(80 * 86_400))
        name = make_id(made, number)
        number += 1
        if random.random() >= 0.1:
            predictions[name] = made
        late = random.choice((timedelta(minutes=5), timedelta(days=2), timedelta(days=60)))
        at = min(made + late, RECEIVED - timedelta(hours=1))
        truth = Truth(name, random.choice(LABELS), at)
        lines.append(truth)
        fate = random.random()
        if fate < 0.1:
            lines.append(truth)
        elif fate < 0.2:
            lines.append(Truth(name, random.choice(LABELS), at + timedelta(minutes=random.randrange(-30, 31))))
        elif fate < 0.25:
            lines.append(Truth(name, LABELS[truth.truth == LABELS[0]], at))
    lines = lines[:count]
    random.shuffle(lines)
    return Delivery(predictions, lines)


@pytest.fixture(scope="session")
def delivery() -> Delivery:
    return make_delivery(TRUTHS)
