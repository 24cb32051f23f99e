"""Many rows as JSON text: what to_json would write of each, by templates that take the numbers' digits."""

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray
from pydantic_core import to_json

MANY = 16  # rows; of fewer to_json writes each as fast
# Rows that are written at once: their texts stay in the processor's cache, and their memory is used again.
_BLOCK = 128


def write_objects(names: Sequence[str], numbers: NDArray[Any]) -> list[bytes]:
    """N objects `{name: number, …}` of finite numbers, [N, names]."""
    line = b"{%b}\n" % b",".join(b"%b:%%b" % literal(name) for name in names)
    objects = []
    for start in range(0, len(numbers), _BLOCK):
        block = numbers[start : start + _BLOCK]
        objects += (line * len(block) % tuple(digits(block))).split(b"\n")[:-1]
    return objects


def write_lines(template: bytes, *columns: Sequence[bytes]) -> Iterator[bytes]:
    """A line a row, in blocks: the template, with the row's part of each column in its places."""
    for start in range(0, len(columns[0]), _BLOCK):
        blocks = [column[start : start + _BLOCK] for column in columns]
        count, width = len(blocks[0]), len(blocks)
        parts = [b""] * (count * width)
        for place, block in enumerate(blocks):
            parts[place::width] = block
        yield template * count % tuple(parts)


def literal(value: Any) -> bytes:
    """A value as it stands in a template: its JSON, where a percent sign means itself."""
    return to_json(value).replace(b"%", b"%%")


def digits(numbers: NDArray[Any]) -> list[bytes]:
    """Finite numbers, each in the shortest digits that mean it, in row-major order."""
    import orjson  # most processes never see so many rows

    text = orjson.dumps(numbers.ravel(), option=orjson.OPT_SERIALIZE_NUMPY)
    return text[1:-1].split(b",") if numbers.size else []
