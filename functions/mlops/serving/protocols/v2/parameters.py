"""The `parameters` of a V2 request, of its inputs and of its outputs: one rule for all three.

A parameter that changes how something is read or written is taken where it belongs, and refused elsewhere. All others
are hints, which change nothing. MLServer's `content_type` is one as long as it names what is read here anyway.
"""

from typing import Any, Literal

from mlops.errors.serving import InputRejected
from mlops.errors.violations import Violation

_MAX_SHOWN = 80  # characters of a name or value that a message repeats

type Place = Literal["request", "input", "output"]

BINARY_SIZE = "binary_data_size"
BINARY_OUTPUT = "binary_data_output"
BINARY = "binary_data"
_OWN: dict[Place, str] = {"request": BINARY_OUTPUT, "input": BINARY_SIZE, "output": BINARY}
_NOT_HINTS = {
    *_OWN.values(),
    "classification",
    "shared_memory_region",
    "shared_memory_byte_size",
    "shared_memory_offset",
}
_CONTENT_TYPE = "content_type"
# Columns are read by the contract: text, numbers and dates are what these say, and base64 or JSON in a text isn't.
CONTENT_TYPES = ("np", "pd", "str", "datetime")


def read_parameters(given: Any, place: Place, tensor: str | None = None) -> dict[str, Any]:
    """The parameters, which may be left out. Raises InputRejected."""
    parameters = read_object(given, "'parameters'" if place == "request" else f"an {place}'s parameters")
    own = _OWN[place]
    for name in sorted((_NOT_HINTS - {own}) & parameters.keys()):
        where = "a request" if place == "request" else f"an {place}"
        raise refusal(
            "unknown", f"{where} has no parameter {name!r}, and no parameter but {own} that isn't a hint", tensor
        )
    hint = parameters.get(_CONTENT_TYPE)
    if hint is not None and hint not in CONTENT_TYPES:
        shown = repr(hint)[:_MAX_SHOWN]
        raise refusal("content_type", f"{_CONTENT_TYPE} must be one of {', '.join(CONTENT_TYPES)}, not {shown}", tensor)
    return parameters


def read_object(given: Any, what: str) -> dict[str, Any]:
    """An object that may be left out. Raises InputRejected if it is something else."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise refusal("type", f"{what} must be an object")
    return given


def refusal(rule: str, message: str, tensor: str | None = None) -> InputRejected:
    """The refusal of a tensor, or of what stands around the tensors."""
    where = f"{tensor[:_MAX_SHOWN]!r}: " if tensor is not None else ""
    column = tensor[:_MAX_SHOWN] if tensor else None
    return InputRejected([Violation(rule=rule, column=column, message=where + message)])
