"""What stands for a task's work: a result, or an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.stepfunctions.calls import result_shape
from localaws.stepfunctions.language.choices import is_number
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.language.resources import Resource
from localaws.stepfunctions.strand import Strand

STRICT, PRESENT, NONE = "STRICT", "PRESENT", "NONE"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "string": (str,),
    "structure": (dict,),
}
_NUMBERS = frozenset({"double", "float", "integer", "long"})
# A stand-in for the token of a task that waits for it.
_TOKEN = "token-of-a-tested-state"  # noqa: S105 (it opens nothing)


@dataclass(frozen=True)
class MockedTask:
    """A task that has a given result, or fails with a given error."""

    result: Any = None
    error: StateError | None = None

    async def run(
        self,
        state: Mapping[str, Any],  # noqa: ARG002 (the interface of tasks)
        data: DataFlow,
        value: Any,
        context: dict[str, Any],
        strand: Strand,  # noqa: ARG002
    ) -> Any:
        """The result of the task, whose arguments are evaluated too."""
        context.setdefault("Task", {"Token": _TOKEN})
        await data.arguments(value)
        if self.error:
            raise self.error
        return self.result


def result_problems(resource: Resource, result: Any, mode: str) -> Iterator[str]:
    """What's wrong with a result by the model of the API that the task calls."""
    shape = None if mode == NONE else result_shape(resource)
    if shape is not None:
        yield from _problems(shape, result, "result", is_strict=mode == STRICT)


def _problems(shape: Any, value: Any, where: str, *, is_strict: bool) -> Iterator[str]:
    if not _has_type(shape.type_name, value):
        yield f"{where} must be a {shape.type_name}"
    elif shape.type_name == "structure":
        members = {name[:1].upper() + name[1:]: (name, member) for name, member in shape.members.items()}
        for shown, (name, member) in members.items():
            if shown in value:
                yield from _problems(member, value[shown], f"{where}.{shown}", is_strict=is_strict)
            elif is_strict and name in shape.required_members:
                yield f"{where}.{shown} is required"
    elif shape.type_name == "list":
        for index, each in enumerate(value):
            yield from _problems(shape.member, each, f"{where}[{index}]", is_strict=is_strict)
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from _problems(shape.value, each, f"{where}.{key}", is_strict=is_strict)


def _has_type(name: str, value: Any) -> bool:
    """Whether a value can be of a type; timestamps have several forms, and blobs hold any JSON."""
    if name in _NUMBERS:
        return is_number(value)
    return name not in _TYPES or isinstance(value, _TYPES[name])
