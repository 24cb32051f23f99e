"""Evaluates JSONata expressions `{% … %}` with the variables and functions that Step Functions adds.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jsonata.functions import Functions
from jsonata.timebox import Timebox
from jsonata.utils import Utils

from localaws.stepfunctions.language.choices import is_number
from localaws.stepfunctions.language.errors import QUERY_EVALUATION_ERROR, DataError
from localaws.stepfunctions.language.intrinsics import HASHES, compact
from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.language.jsonata_library import Query

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/", re.DOTALL)
_CALL_OF_EVAL = re.compile(r"\$eval\b")
# The depth of calls at which an evaluation fails.
_DEEPEST = 200


class InvalidExpression(Exception):
    """An expression isn't valid JSONata."""


@dataclass(frozen=True)
class Known:
    """What an expression may use: variables, and the time in epoch seconds."""

    variables: Mapping[str, Any]
    now: float


class Evaluator(Protocol):
    """Fills templates with expressions."""

    async def fill(self, template: Any, known: Known, field: str) -> Any:
        """The value of a template whose strings may be expressions; raises DataError with the name of the field."""


def is_expression(value: Any) -> bool:
    """Whether a value is a string with a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def has_expressions(template: Any) -> bool:
    """Whether there's an expression anywhere in a template."""
    if isinstance(template, list | dict):
        return any(has_expressions(each) for each in (template.values() if isinstance(template, dict) else template))
    return is_expression(template)


def check(text: str) -> None:
    """Raise InvalidExpression if `{% … %}` isn't valid."""
    code = _code(text)
    try:
        Query(code)
    except Exception as error:  # noqa: BLE001 (the library raises more than its own errors)
        raise InvalidExpression(str(error)) from None
    if _CALL_OF_EVAL.search(_STRINGS.sub("", code)):
        raise InvalidExpression("the function $eval isn't available")


def fill(template: Any, known: Known, field: str) -> Any:
    """The value of a template whose strings may be expressions; raises DataError with the name of the field."""
    if is_expression(template):
        return evaluate(template, known, field)
    if isinstance(template, list):
        return [fill(item, known, f"{field}[{index}]") for index, item in enumerate(template)]
    if isinstance(template, dict):
        return {key: fill(value, known, f"{field}/{key}") for key, value in template.items()}
    return template


def evaluate(text: str, known: Known, field: str) -> Any:
    """The value of an expression; raises DataError if it has none."""
    try:
        # A member of an object shows the difference between null and no value.
        query = Query(f'{{"value": ({_code(text)}\n)}}')
        Timebox(query.environment, max_depth=_DEEPEST)
        for name, value in known.variables.items():
            query.assign(name, value)
        for name, function in (_FUNCTIONS | _clock(round(known.now * 1000))).items():
            query.register_lambda(name, function)
        answer = query.evaluate(None)
    except Exception as error:  # noqa: BLE001 (the library raises more than its own errors)
        raise _failure(text, field, f"{error}") from None
    if "value" not in answer:
        raise _failure(text, field, "The expression returned nothing (undefined).")
    try:
        return json.loads(json.dumps(answer["value"], allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise _failure(text, field, "The expression returned a value that isn't JSON, such as a function.") from None


def _failure(text: str, field: str, reason: str) -> DataError:
    return DataError(
        QUERY_EVALUATION_ERROR,
        f"The JSONata expression '{_code(text).strip()}' specified for the field '{field}' threw an error. {reason}",
        field,
    )


def _code(text: str) -> str:
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        raise InvalidExpression("an expression begins with {% and ends with %}")
    return found[1]


def _clock(moment: int) -> dict[str, Callable[..., Any]]:
    """JSONata's functions of the time, at a moment in epoch milliseconds: the library's have the machine's time."""

    def now(picture: str | None = None, timezone: str | None = None) -> str | None:
        text: str | None = Functions.datetime_from_millis(moment, picture, timezone)
        return text

    return {"now": now, "millis": lambda: moment}


def _of_something(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose value is undefined if its first argument is, as those of JSONata are."""

    def call(first: Any, *others: Any) -> Any:
        if any(each is Utils.NULL_VALUE for each in (first, *others)):
            raise ValueError("an argument of the function is null")
        return None if first is None else function(first, *others)

    return call


def _partition(items: Any, size: Any) -> list[Any]:
    if not is_number(size) or size < 1 or size != int(size):
        raise ValueError("the size of $partition must be a positive integer")
    array = items if isinstance(items, list) else [items]
    return [array[start : start + int(size)] for start in range(0, len(array), int(size))]


def _range(first: Any, last: Any, step: Any) -> list[float]:
    if not all(is_number(each) for each in (first, last, step)) or not step:
        raise ValueError("$range needs three numbers, of which the step isn't 0")
    count = max(0, int((last - first) / step) + 1)
    if count > 1000:
        raise ValueError("$range can return 1000 items at most")
    return [first + index * step for index in range(count)]


def _hash(data: Any, algorithm: Any) -> str:
    if algorithm not in HASHES:
        raise ValueError(f"the algorithm of $hash must be one of {', '.join(HASHES)}")
    text = data if isinstance(data, str) else compact(data)
    return hashlib.new(HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any = None) -> float:
    if seed is not None and not is_number(seed):
        raise ValueError("the seed of $random must be a number")
    return random.Random(seed).random()  # noqa: S311 ($random isn't for secrets)


def _uuid() -> str:
    return str(uuid.uuid4())


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "hash": _of_something(_hash),
    "parse": _of_something(parse_json),
    "partition": _of_something(_partition),
    "random": _random,
    "range": _of_something(_range),
    "uuid": _uuid,
}
