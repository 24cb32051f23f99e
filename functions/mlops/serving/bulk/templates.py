"""Many rows as JSON text: what to_json would write of each, by templates that take the numbers' digits.

Rows are written in blocks, so that their texts stay in the processor's cache and their memory is used again.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray
from pydantic_core import to_json

MANY = 16  # rows; of fewer to_json writes each as fast
_BLOCK = 128  # rows


def repeat(line: bytes, count: int) -> Iterator[bytes]:
    """A template for each block of `count` rows, made of the template of one."""
    for start in range(0, count, _BLOCK):
        yield line * min(_BLOCK, count - start)


def fill(templates: Iterable[bytes], *columns: Sequence[bytes]) -> Iterator[bytes]:
    """The blocks, a row's part of each column in its places."""
    for number, template in enumerate(templates):
        blocks = [column[number * _BLOCK : (number + 1) * _BLOCK] for column in columns]
        parts = [b""] * (len(blocks) * len(blocks[0]))
        for place, block in enumerate(blocks):
            parts[place :: len(blocks)] = block
        yield template % tuple(parts)


def fill_numbers(line: bytes, numbers: NDArray[Any]) -> Iterator[bytes]:
    """The blocks of finite numbers, [N, places of the line]."""
    for number, template in enumerate(repeat(line, len(numbers))):
        yield template % tuple(digits(numbers[number * _BLOCK : (number + 1) * _BLOCK]))


def fill_some(line: bytes, other: bytes, numbers: NDArray[Any], chosen: Sequence[bool]) -> Iterator[bytes]:
    """The blocks of finite numbers in the lines of the chosen rows; the other rows' lines are `other`, without any."""
    for start in range(0, len(numbers), _BLOCK):
        block = chosen[start : start + _BLOCK]
        template = b"".join(line if each else other for each in block)
        yield template % tuple(digits(numbers[start : start + _BLOCK][block]))


def literal(value: Any) -> bytes:
    """A value as it stands in a template: its JSON, where a percent sign means itself."""
    return escape(to_json(value))


def escape(text: bytes) -> bytes:
    """A text as it stands in a template; one that is filled twice needs it twice."""
    return text.replace(b"%", b"%%")


def digits(numbers: NDArray[Any]) -> list[bytes]:
    """Finite numbers, each in the shortest digits that mean it, in row-major order."""
    import orjson  # most processes never see so many rows

    text = orjson.dumps(numbers.ravel(), option=orjson.OPT_SERIALIZE_NUMPY)
    return text[1:-1].split(b",") if numbers.size else []
