"""The largest payloads and variables.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.stepfunctions.language.errors import DATA_LIMIT_EXCEEDED, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.json_texts import size_of
from localaws.stepfunctions.language.numbers import LARGEST_PAYLOAD

_LARGEST_OF_ALL_VARIABLES = 10 * 1024 * 1024


def demand_payload(value: Any, what: str) -> str:
    """A value as JSON; raises StateError, whose cause begins with `what`, if it's too large."""
    text = compact(value)
    if size_of(text) > LARGEST_PAYLOAD:
        raise StateError(
            DATA_LIMIT_EXCEEDED, f"{what} with a size exceeding the maximum number of bytes service limit."
        )
    return text


def demand_variables(assigned: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise StateError if what one state assigns, or all variables with it, are too large."""
    if not assigned:
        return
    demand_payload(assigned, "The state assigns variables")
    if sum(size_of(compact(value)) for value in {**known, **assigned}.values()) > _LARGEST_OF_ALL_VARIABLES:
        raise StateError(DATA_LIMIT_EXCEEDED, "The variables of the execution exceed 10 MiB.")
