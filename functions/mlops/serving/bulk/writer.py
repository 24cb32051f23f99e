"""The answers and records of large batches: the same JSON as of small ones, written as text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray
from pydantic_core import to_json

from mlops.contract import Target
from mlops.serving.bulk.templates import digits, escape, fill, fill_numbers, fill_some, literal, repeat
from mlops.serving.scorer import Scores

type Texts = Sequence[bytes]


def write_predictions(target: Target, scores: Scores, ids: Sequence[str]) -> bytes:
    """The predictions of an answer, with commas between them."""
    chances = _digit_columns(target, scores)
    if not target.labels:
        line, columns = b'{"prediction_id":"%b","value":%b},', [_encode(ids), *chances]
    else:
        line = b'{"prediction_id":"%%b","label":%%b,"probabilities":%b},' % _chances(target)
        columns = [_encode(ids), _labels(target, scores), *chances]
    return b"".join(fill(repeat(line, len(ids)), *columns))[:-1]


def draft_records(
    target: Target, names: Sequence[str], numbers: NDArray[Any], with_inputs: Sequence[bool] | None = None
) -> list[bytes]:
    """The records of rows as far as they can be written before the answer: `write_records` completes them.

    `names` are the columns that are recorded, and `numbers` their cells, [N, names]; `with_inputs` are the rows whose
    inputs are, all without it.
    """
    if not target.labels:
        head = b'%b,"prediction_id":"%b","value":%b%b'
    else:
        head = b'%%b,"prediction_id":"%%b","label":%%b,"probability":%%b,"probabilities":%b%%b'
        head %= _chances(target)
    inputs = b",".join(b"%b:%%b" % escape(literal(name)) for name in names)
    whole, bare = b'%b,"inputs":{%b}}\n' % (escape(head), inputs), b"%b}\n" % escape(head)
    return [*(fill_numbers(whole, numbers) if with_inputs is None else fill_some(whole, bare, numbers, with_inputs))]


def write_records(
    drafts: Sequence[bytes],
    start: bytes,
    target: Target,
    scores: Scores,
    ids: Sequence[str],
    shadow_answers: Sequence[Mapping[str, Any]],
) -> Iterator[bytes]:
    """A record a row, each a line that begins with `start`, in blocks of lines.

    `shadow_answers` are the challenger's, to the first rows.
    """
    starts = [start] * len(ids)
    chances = _digit_columns(target, scores)
    rest = [*(b",%b" % to_json(each)[1:-1] for each in shadow_answers), *[b""] * (len(ids) - len(shadow_answers))]
    if not target.labels:
        return fill(drafts, starts, _encode(ids), *chances, rest)
    places = {label: place for place, label in enumerate(target.labels)}
    chosen = [chances[places[label]][row] for row, label in enumerate(scores.labels)]
    return fill(drafts, starts, _encode(ids), _labels(target, scores), chosen, *chances, rest)


def _chances(target: Target) -> bytes:
    """The template of a row's probabilities."""
    return b"{%b}" % b",".join(b"%b:%%b" % literal(label) for label in target.labels)


def _digit_columns(target: Target, scores: Scores) -> list[Texts]:
    """The probabilities of each label, or the values."""
    width = max(1, len(target.labels))
    flat = digits(scores.answer)
    return [flat[place::width] for place in range(width)]


def _labels(target: Target, scores: Scores) -> Texts:
    words = {label: to_json(label) for label in target.labels}
    return [words[label] for label in scores.labels]


def _encode(ids: Sequence[str]) -> Texts:
    return ",".join(ids).encode().split(b",")
