"""Prediction records as lines of JSON: the row after the privacy rule, as far as it's recorded, and its answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any
from weakref import WeakKeyDictionary

from mlops.artifact.matrix import Matrix
from mlops.contract import Contract
from mlops.privacy import hashed_columns, make_publisher, public_names
from mlops.serving.bulk.templates import MANY
from mlops.serving.bulk.writer import draft_records, write_records
from mlops.serving.recording import Recording, RecordLimits
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores
from mlops.telemetry import write_json

type Publish = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class RecordLines:
    """Writes records; `recording` says what they hold of the inputs, `key` keys the hashes of private columns."""

    def __init__(self, key: bytes, recording: Recording) -> None:
        self._key = key
        self._recording = recording
        self._publishers = WeakKeyDictionary[Scorer, tuple[Publish, RecordLimits]]()

    def draft(self, contract: Contract, rows: Sequence[Row], ids: Sequence[str]) -> Sequence[bytes] | None:
        """The parts of a large batch's records that don't depend on the answers; `ids` are the predictions'.

        None if the batch is small or isn't a matrix, or if a column is hashed.
        """
        if len(rows) < MANY or not isinstance(rows, Matrix) or hashed_columns(contract, self._key):
            return None
        names = public_names(contract)
        places = [rows.names.index(name) for name in names]
        numbers = rows.numbers if names == rows.names else rows.numbers[:, places]
        return draft_records(contract.target, names, numbers, self._recording.choose(ids))

    def write(
        self,
        start: bytes,
        scorer: Scorer,
        rows: Sequence[Row],
        scores: Scores,
        ids: Sequence[str],
        shadow_answers: Sequence[Mapping[str, Any]] = (),
        drafts: Sequence[bytes] | None = None,
    ) -> Iterator[bytes]:
        """A line a row, each of which begins with `start`, an open JSON object; several lines at once of drafts.

        `shadow_answers` are the challenger's, to the first rows. `drafts` are the records as far as `draft` wrote them.
        """
        if drafts is not None:
            yield from write_records(drafts, start, scorer.contract.target, scores, ids, shadow_answers)
            return
        public, limits = self._publishers.get(scorer) or self._publishers.setdefault(
            scorer, (make_publisher(scorer.contract, self._key), RecordLimits(self._recording, scorer.contract))
        )
        with_inputs = self._recording.choose(ids) or repeat(True)
        for prediction_id, answer, challenger, row, has_inputs in zip(
            ids, list_answers(scorer, scores), chain(shadow_answers, repeat({})), rows, with_inputs, strict=False
        ):
            record: dict[str, Any] = {"prediction_id": prediction_id, **answer, **challenger}
            if has_inputs:
                record["inputs"] = public(row)
            line = write_json(record)
            if len(line) > limits.ordinary and has_inputs:
                line = limits.shorten(record)
            yield b"%b,%b\n" % (start, line[1:])


def list_answers(scorer: Scorer, scores: Scores) -> list[dict[str, Any]]:
    """The members of a record that are the answer, a row each."""
    names = scorer.contract.target.labels
    if not names:
        return [{"value": value} for value in scores.values]
    by_label = [dict(zip(names, row, strict=True)) for row in scores.probabilities]
    return [
        {"label": label, "probability": probabilities[label], "probabilities": probabilities}
        for label, probabilities in zip(scores.labels, by_label, strict=True)
    ]
