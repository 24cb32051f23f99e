"""The answers and records of many rows: the same JSON as of few, written as text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from mlops.serving.lines import digits, write_lines, write_objects
from mlops.serving.scorer import Scorer, Scores

type Texts = Sequence[bytes]


def write_predictions(scorer: Scorer, scores: Scores, ids: Sequence[str]) -> bytes:
    """The predictions of an answer, with commas between them."""
    members = _Members(scorer, scores, ids)
    if not members.labels:
        blocks = write_lines(b'{"prediction_id":"%b","value":%b},', members.ids, members.digits)
    else:
        template = b'{"prediction_id":"%b","label":%b,"probabilities":%b},'
        blocks = write_lines(template, members.ids, members.labels, members.probabilities)
    return b"".join(blocks)[:-1]


def write_records(
    start: bytes, scorer: Scorer, scores: Scores, ids: Sequence[str], said: Sequence[Mapping[str, Any]], inputs: Texts
) -> Iterator[bytes]:
    """A record a row, each a line that begins with `start`, in blocks of lines.

    `said` is what the challenger said of the first of them, and `inputs` what is told of each row.
    """
    members = _Members(scorer, scores, ids)
    start = start.replace(b"%", b"%%")
    rest = [*(b",%b" % to_json(each)[1:-1] for each in said), *[b""] * (len(ids) - len(said))]
    if not members.labels:
        template = start + b',"prediction_id":"%b","value":%b%b,"inputs":%b}\n'
        return write_lines(template, members.ids, members.digits, rest, inputs)
    template = start + b',"prediction_id":"%b","label":%b,"probability":%b,"probabilities":%b%b,"inputs":%b}\n'
    chosen = members.chosen()
    return write_lines(template, members.ids, members.labels, chosen, members.probabilities, rest, inputs)


class _Members:
    """The members of N predictions, each as N texts."""

    def __init__(self, scorer: Scorer, scores: Scores, ids: Sequence[str]) -> None:
        names = scorer.contract.target.labels
        self._places = {name: place for place, name in enumerate(names)}
        self._labels = scores.labels
        self.ids = ",".join(ids).encode().split(b",")
        self.digits = digits(scores.answer)
        words = {name: to_json(name) for name in names}
        self.labels = [words[label] for label in scores.labels]
        self.probabilities = write_objects(names, scores.answer) if names else []

    def chosen(self) -> Texts:
        """The probability of the label that is answered."""
        places, width = self._places, len(self._places)
        return [self.digits[row * width + places[label]] for row, label in enumerate(self._labels)]
