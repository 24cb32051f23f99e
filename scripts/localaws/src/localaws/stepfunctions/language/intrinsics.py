"""The intrinsic functions of JSONPath states, such as `States.Format('Hello {}', $.name)`.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.language.paths import Path, PathError, equal, read_path
from localaws.stepfunctions.language.scanner import InvalidText, Scanner

_NAME = re.compile(r"States\.\w+")
_LONGEST_TEXT, _LONGEST_ARRAY, _MOST_NESTED = 10_000, 1000, 10


class IntrinsicError(Exception):
    """An intrinsic function is malformed, or its arguments aren't valid."""


@dataclass(frozen=True)
class RawText:
    """A string as it's written, since `States.Format` gives escapes a meaning of its own."""

    raw: str

    @property
    def value(self) -> str:
        """The string."""
        return re.sub(r"\\(.)", r"\1", self.raw, flags=re.DOTALL)


@dataclass(frozen=True)
class Call:
    """A call of a function; arguments are literals, paths and calls."""

    name: str
    arguments: tuple[Any, ...]

    @property
    def paths(self) -> list[Path]:
        """The paths in it."""
        inner = [path for each in self.arguments if isinstance(each, Call) for path in each.paths]
        return [each for each in self.arguments if isinstance(each, Path)] + inner


@lru_cache(maxsize=4096)
def parse_call(text: str) -> Call:
    """Parse a call; raises IntrinsicError."""
    scanner = Scanner(text)
    try:
        call = _call(scanner)
        scanner.demand_end()
    except InvalidText as error:
        raise IntrinsicError(f"Invalid intrinsic function '{text}': {error}") from None
    return call


def evaluate(call: Call, read: Callable[[Path], Any]) -> Any:
    """The result of a call; `read` returns the value of a path. Raises IntrinsicError."""
    arguments = [_argument(each, read, call.name) for each in call.arguments]
    try:
        return _FUNCTIONS[call.name](*arguments)
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise IntrinsicError(f"Invalid arguments in {call.name}: {error}") from None


def _argument(given: Any, read: Callable[[Path], Any], name: str) -> Any:
    if isinstance(given, Call):
        return evaluate(given, read)
    if isinstance(given, Path):
        try:
            return read(given)
        except PathError as error:
            raise IntrinsicError(f"Invalid arguments in {name}: {error}") from None
    if isinstance(given, RawText) and name != "States.Format":
        return given.value
    return given


def _call(scanner: Scanner, depth: int = 1) -> Call:
    if depth > _MOST_NESTED:
        raise InvalidText(f"at most {_MOST_NESTED} functions can be nested")
    name = scanner.match(_NAME) if scanner.peek() else None
    if name is None:
        raise InvalidText("a function of States is missing")
    if name not in _FUNCTIONS:
        raise InvalidText(f"there's no function {name}")
    scanner.demand("(")
    arguments: list[Any] = []
    while not scanner.take(")"):
        if arguments:
            scanner.demand(",")
        if scanner.peek() == "$":
            arguments.append(read_path(scanner))
        elif scanner.peek() == "S":
            arguments.append(_call(scanner, depth + 1))
        elif scanner.peek() == "'":
            arguments.append(RawText(scanner.raw_quoted()))
        else:
            arguments.append(scanner.plain())
    fewest, most = _ARITY[name]
    if not fewest <= len(arguments) <= most:
        raise InvalidText(f"{name} doesn't take {len(arguments)} arguments")
    return Call(name, tuple(arguments))


def compact(value: Any) -> str:
    """A value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _text(value: Any, what: str = "the argument must be a string") -> str:
    _demand(isinstance(value, str), what)
    return str(value)


def _list(value: Any) -> list[Any]:
    _demand(isinstance(value, list), "the first argument must be an array")
    return list(value)


def _whole(value: Any) -> int:
    """The nearest integer; of two, the greater one, where Python's `round` takes the even one."""
    _demand(isinstance(value, int | float) and not isinstance(value, bool), "a number is expected")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _format(template: Any, *values: Any) -> str:
    text = template.raw if isinstance(template, RawText) else _text(template).replace("\\", "\\\\")
    pieces = re.findall(r"\\.|\{\}|.", text, flags=re.DOTALL)
    _demand(pieces.count("{}") == len(values), "the number of {} isn't the number of values")
    given = iter([each.value if isinstance(each, RawText) else each for each in values])

    def shown(piece: str) -> str:
        if piece != "{}":
            return piece[1:] if piece.startswith("\\") else piece
        value = next(given)
        return value if isinstance(value, str) else compact(value)

    return "".join(map(shown, pieces))


def _partition(items: Any, size: Any) -> list[Any]:
    array, step = _list(items), _whole(size)
    _demand(step > 0, "the chunk size must be positive")
    return [array[start : start + step] for start in range(0, len(array), step)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, by = _whole(first), _whole(last), _whole(step)
    _demand(by != 0, "the increment can't be 0")
    _demand((end - start) // by < _LONGEST_ARRAY, "the array can have 1000 items at most")
    return list(range(start, end + (1 if by > 0 else -1), by))


def _item(items: Any, index: Any) -> Any:
    array, place = _list(items), _whole(index)
    _demand(0 <= place < len(array), f"there's no item {place}")
    return array[place]


def _unique(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in _list(items):
        if not any(equal(item, known) for known in found):
            found.append(item)
    return found


def _encode(value: Any) -> str:
    text = _text(value)
    _demand(len(text) <= _LONGEST_TEXT, "the string is longer than 10,000 characters")
    return base64.b64encode(text.encode()).decode()


def _decode(value: Any) -> str:
    text = _text(value)
    _demand(len(text) <= _LONGEST_TEXT, "the string is longer than 10,000 characters")
    return base64.b64decode(text, validate=True).decode()


def _hash(value: Any, algorithm: Any) -> str:
    _demand(algorithm in HASHES, f"the algorithm must be one of {', '.join(HASHES)}")
    text = value if isinstance(value, str) else compact(value)
    _demand(len(text) <= _LONGEST_TEXT, "the data is longer than 10,000 characters")
    return hashlib.new(HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _merge(left: Any, right: Any, deep: Any) -> dict[str, Any]:
    _demand(deep is False, "only a shallow merge is supported; the third argument must be false")
    _demand(isinstance(left, dict) and isinstance(right, dict), "objects are expected")
    return {**left, **right}


def _random(start: Any, end: Any, seed: Any = None) -> int:
    low, high = _whole(start), _whole(end)
    _demand(low < high, "the start must be less than the end")
    return random.Random(seed).randrange(low, high)  # noqa: S311 (MathRandom isn't for secrets)


def _split(text: Any, separators: Any) -> list[str]:
    _demand(bool(_text(separators)), "the splitter is empty")
    return [part for part in re.split(f"[{re.escape(separators)}]", _text(text)) if part]


HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "States.Array": lambda *items: list(items),
    "States.ArrayContains": lambda items, value: any(equal(item, value) for item in _list(items)),
    "States.ArrayGetItem": _item,
    "States.ArrayLength": lambda items: len(_list(items)),
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": _decode,
    "States.Base64Encode": _encode,
    "States.Format": _format,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.JsonToString": compact,
    "States.MathAdd": lambda left, right: _whole(left) + _whole(right),
    "States.MathRandom": _random,
    "States.StringSplit": _split,
    "States.StringToJson": lambda text: parse_json(_text(text)),
    "States.UUID": lambda: str(uuid.uuid4()),
}
_MANY = 10_000
_ARITY: dict[str, tuple[int, int]] = {
    "States.Array": (0, _MANY),
    "States.ArrayContains": (2, 2),
    "States.ArrayGetItem": (2, 2),
    "States.ArrayLength": (1, 1),
    "States.ArrayPartition": (2, 2),
    "States.ArrayRange": (3, 3),
    "States.ArrayUnique": (1, 1),
    "States.Base64Decode": (1, 1),
    "States.Base64Encode": (1, 1),
    "States.Format": (1, _MANY),
    "States.Hash": (2, 2),
    "States.JsonMerge": (3, 3),
    "States.JsonToString": (1, 1),
    "States.MathAdd": (2, 2),
    "States.MathRandom": (2, 3),
    "States.StringSplit": (2, 2),
    "States.StringToJson": (1, 1),
    "States.UUID": (0, 0),
}
