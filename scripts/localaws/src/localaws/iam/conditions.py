"""The Condition block of a statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from localaws.iam.patterns import Context, arn_glob, glob, plain, substitute

type Matches = Callable[[str, str], bool]
type Quantifier = Literal["", "ForAllValues", "ForAnyValue"]
_IF_EXISTS = "IfExists"
_NULL = "Null"


class InvalidCondition(ValueError):
    """A Condition block that AWS refuses, with the reason."""


@dataclass(frozen=True)
class Condition:
    """One key of a Condition block: `operator` compares the request's values of `key` with `values`.

    One of `values` that matches is enough.
    """

    quantifier: Quantifier
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def holds(self, context: Context, *, variables: bool) -> bool:
        """Whether the request's context fulfils it; `variables` says whether policy variables are replaced in it."""
        found = context.get(self.key.lower(), ())
        if self.operator == _NULL:
            return any((value.lower() == "true") == (not found) for value in self.values)
        matches, negated = _OPERATORS[self.operator]
        if not found:
            # Nothing isn't equal to anything.
            return self.if_exists or (negated and self.quantifier != "ForAnyValue") or self.quantifier == "ForAllValues"
        wanted = [value for value in self._wanted(context, variables=variables) if value is not None]
        results = (any(matches(value, each) for value in wanted) != negated for each in found)
        return any(results) if self.quantifier == "ForAnyValue" else all(results)

    def _wanted(self, context: Context, *, variables: bool) -> list[str | None]:
        return [substitute(value, context) if variables else value for value in self.values]


def read_conditions(block: Any) -> tuple[Condition, ...]:
    """The conditions of a block, all of which must hold. Raises InvalidCondition."""
    if not isinstance(block, dict):
        raise InvalidCondition("Condition isn't an object")
    found: list[Condition] = []
    for name, keys in block.items():
        quantifier, _, rest = name.rpartition(":")
        if_exists = rest.endswith(_IF_EXISTS)
        base = rest.removesuffix(_IF_EXISTS)
        if base not in (*_OPERATORS, _NULL) or quantifier not in ("", "ForAllValues", "ForAnyValue"):
            raise InvalidCondition(f"there is no condition operator {name}")
        if base == _NULL and (if_exists or quantifier):
            raise InvalidCondition(f"{name} isn't a condition operator: Null takes no prefix and no suffix")
        if not isinstance(keys, dict):
            raise InvalidCondition(f"{name} isn't an object of condition keys")
        for key, values in keys.items():
            texts = tuple(map(_text, values if isinstance(values, list) else [values]))
            found.append(Condition(quantifier, base, if_exists, key, texts))
    return tuple(found)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise InvalidCondition(f"{value!r} isn't a text, a number or a truth value")


def _numbers(compare: Callable[[float, float], bool]) -> Matches:
    def matches(wanted: str, found: str) -> bool:
        try:
            return compare(float(found), float(plain(wanted)))
        except ValueError:
            return False

    return matches


def _dates(compare: Callable[[datetime, datetime], bool]) -> Matches:
    def matches(wanted: str, found: str) -> bool:
        try:
            return compare(_moment(found), _moment(plain(wanted)))
        except ValueError:
            return False

    return matches


def _moment(text: str) -> datetime:
    """A time in ISO 8601, or in seconds since the epoch."""
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_in_network(wanted: str, found: str) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(plain(wanted), strict=False)
    except ValueError:
        return False


def _same_bytes(wanted: str, found: str) -> bool:
    try:
        return base64.b64decode(plain(wanted), validate=True) == base64.b64decode(found, validate=True)
    except binascii.Error:
        return False


def _equal(wanted: str, found: str) -> bool:
    return plain(wanted) == found


def _equal_but_for_case(wanted: str, found: str) -> bool:
    return plain(wanted).lower() == found.lower()


# operator: what compares a policy's value with a request's, and whether the result is negated
_OPERATORS: dict[str, tuple[Matches, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_but_for_case, False),
    "StringNotEqualsIgnoreCase": (_equal_but_for_case, True),
    "StringLike": (glob, False),
    "StringNotLike": (glob, True),
    "NumericEquals": (_numbers(operator.eq), False),
    "NumericNotEquals": (_numbers(operator.eq), True),
    "NumericLessThan": (_numbers(operator.lt), False),
    "NumericLessThanEquals": (_numbers(operator.le), False),
    "NumericGreaterThan": (_numbers(operator.gt), False),
    "NumericGreaterThanEquals": (_numbers(operator.ge), False),
    "DateEquals": (_dates(operator.eq), False),
    "DateNotEquals": (_dates(operator.eq), True),
    "DateLessThan": (_dates(operator.lt), False),
    "DateLessThanEquals": (_dates(operator.le), False),
    "DateGreaterThan": (_dates(operator.gt), False),
    "DateGreaterThanEquals": (_dates(operator.ge), False),
    "Bool": (_equal_but_for_case, False),
    "BinaryEquals": (_same_bytes, False),
    "IpAddress": (_is_in_network, False),
    "NotIpAddress": (_is_in_network, True),
    # ArnEquals and ArnLike are the same.
    "ArnEquals": (arn_glob, False),
    "ArnLike": (arn_glob, False),
    "ArnNotEquals": (arn_glob, True),
    "ArnNotLike": (arn_glob, True),
}
