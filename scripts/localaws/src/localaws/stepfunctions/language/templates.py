"""Payload templates of JSONPath states: a field whose name ends in `.$` has a path or an intrinsic function."""

from __future__ import annotations

from typing import Any

from localaws.stepfunctions.language.errors import INTRINSIC_FAILURE, PARAMETER_PATH_FAILURE, RUNTIME, DataError
from localaws.stepfunctions.language.intrinsics import IntrinsicError, compact, evaluate, parse_call
from localaws.stepfunctions.language.paths import PathError, parse_path
from localaws.stepfunctions.language.scope import Scope


def fill(template: Any, scope: Scope) -> Any:
    """The value of a template; raises DataError."""
    if isinstance(template, list):
        return [fill(item, scope) for item in template]
    if not isinstance(template, dict):
        return template
    filled = {}
    for key, value in template.items():
        if key.endswith(".$"):
            filled[key.removesuffix(".$")] = read_field(key, value, scope)
        else:
            filled[key] = fill(value, scope)
    return filled


def read_field(field: str, expression: str, scope: Scope) -> Any:
    """The value of a path or an intrinsic function in a field; raises DataError.

    A path that leads nowhere has an error of its own in a template only, where the field's name ends in `.$`.
    """
    if not expression.startswith("$"):
        try:
            return evaluate(parse_call(expression), scope.read)
        except IntrinsicError as error:
            raise DataError(INTRINSIC_FAILURE, str(error)) from None
    try:
        return scope.read(parse_path(expression))
    except PathError:
        raise DataError(
            PARAMETER_PATH_FAILURE if field.endswith(".$") else RUNTIME,
            f"The JSONPath '{expression}' specified for the field '{field}' could not be found in the input "
            f"'{compact(scope.value)}'",
        ) from None
