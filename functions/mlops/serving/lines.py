"""Many rows as JSON text at once: what to_json would write of each, by one template that takes the numbers' digits."""

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray
from pydantic_core import to_json

MANY = 1_000  # rows; of fewer to_json writes each as fast


def write_objects(names: Sequence[str], numbers: NDArray[Any]) -> list[bytes]:
    """N objects `{name: number, …}` of finite numbers, [N, names]."""
    members = b",".join(b"%b:%%b" % literal(name) for name in names)
    return write_lines(b"{%b}" % members, len(numbers), digits(numbers)).split(b"\n")[:-1]


def write_lines(template: bytes, count: int, parts: Iterable[bytes]) -> bytes:
    """`count` lines of the template, in whose places the parts stand one after the other."""
    return (template + b"\n") * count % tuple(parts)


def literal(value: Any) -> bytes:
    """A value as it stands in a template: its JSON, where a percent sign means itself."""
    return to_json(value).replace(b"%", b"%%")


def digits(numbers: NDArray[Any]) -> list[bytes]:
    """Finite numbers, each in the shortest digits that mean it, in row-major order."""
    import orjson  # most processes never see so many rows

    text = orjson.dumps(numbers.ravel(), option=orjson.OPT_SERIALIZE_NUMPY)
    return text[1:-1].split(b",") if numbers.size else []


def interleave(*columns: Sequence[bytes]) -> list[bytes]:
    """The first of each, the second of each, …"""
    parts = [b""] * (len(columns) * len(columns[0]))
    for place, column in enumerate(columns):
        parts[place :: len(columns)] = column
    return parts
