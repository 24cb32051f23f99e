"""The flow of data through a state: what its work gets, and what becomes of the result, in either query language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.choices import holds
from localaws.stepfunctions.language.errors import (
    QUERY_EVALUATION_ERROR,
    RESULT_PATH_MATCH_FAILURE,
    RUNTIME,
    DataError,
)
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.jsonata import Evaluator, Known
from localaws.stepfunctions.language.numbers import RANGES, demand, demand_options
from localaws.stepfunctions.language.paths import PathError, parse_path
from localaws.stepfunctions.language.scope import Scope
from localaws.stepfunctions.language.templates import fill, read_field

State = Mapping[str, Any]
# A state's output and the variables that it assigns.
Ended = tuple[Any, dict[str, Any]]


class DataFlow(Protocol):
    """What one visit to a state does with data; `value` is always the state's raw input. All raise DataError.

    `failure` is the error of a value that a field can't have.
    """

    failure: str

    def effective(self, value: Any) -> Any:
        """The input that the state's expressions read."""

    async def arguments(self, value: Any) -> Any:
        """What the state's work gets."""

    async def field(self, name: str, value: Any) -> Any:
        """The value of a field that may be an expression or come from a path; None if it isn't there."""

    async def number(self, name: str, value: Any) -> float | None:
        """The value of a field that is a number within its range; None if it isn't there."""

    async def items(self, value: Any) -> Any:
        """The items of a Map state."""

    async def item(self, value: Any, item: Any) -> Any:
        """The input of one iteration of a Map state; the context object has the item."""

    async def part(self, owner: Mapping[str, Any], value: Any) -> Any:
        """The arguments of an item reader or a result writer."""

    async def options(self, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """The settings of an item reader or a batcher, with those that come from paths or expressions."""

    async def end(self, value: Any, result: Any) -> Ended:
        """The output after the state's work had a result."""

    async def caught(self, catcher: Mapping[str, Any], value: Any, error: Mapping[str, str]) -> Ended:
        """The output after an error was caught."""

    async def choose(self, value: Any) -> tuple[str | None, Ended]:
        """The next state of a Choice state (None if no rule holds), with its output."""


def data_flow(
    language: str,
    state: State,
    context: Mapping[str, Any],
    variables: Mapping[str, Any],
    now: Callable[[], float],
    evaluator: Evaluator,
) -> DataFlow:
    """The data flow of a state in a query language; `now` gives epoch seconds, `evaluator` evaluates JSONata."""
    if language == fields.JSONATA:
        return JsonataFlow(state, context, variables, now, evaluator)
    return JsonPathFlow(state, context, variables)


def pairs(value: Mapping[str, Any]) -> list[Any]:
    """The members of an object as items."""
    return [{"Key": key, "Value": each} for key, each in value.items()]


async def _number(data: DataFlow, name: str, value: Any) -> float | None:
    found = await data.field(name, value)
    if found is not None:
        demand(name, found, RANGES[name], data.failure)
    return None if found is None else float(found)


class JsonPathFlow:
    """InputPath, Parameters, ResultSelector, ResultPath and OutputPath."""

    failure = RUNTIME

    def __init__(self, state: State, context: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        self._state, self._scope = state, Scope(None, context, variables)

    def effective(self, value: Any) -> Any:
        return self._path("InputPath", value)

    async def arguments(self, value: Any) -> Any:
        effective = self.effective(value)
        if "Parameters" not in self._state:
            return effective
        return fill(self._state["Parameters"], self._scope.of(effective))

    async def field(self, name: str, value: Any) -> Any:
        path = self._state.get(f"{name}Path")
        if path is None:
            return self._state.get(name)
        found = read_field(f"{name}Path", path, self._scope.of(self.effective(value)))
        if found is None:
            raise DataError(self.failure, f"The field '{name}Path' must not lead to null.", f"{name}Path")
        return found

    async def number(self, name: str, value: Any) -> float | None:
        return await _number(self, name, value)

    async def items(self, value: Any) -> Any:
        path, effective = self._state.get("ItemsPath", "$"), self.effective(value)
        found = self._read("ItemsPath", path, effective)
        if isinstance(found, dict):
            return pairs(found)
        if not isinstance(found, list):
            raise DataError(RUNTIME, f'Reference path "{path}" must point to array.')
        return found

    async def item(self, value: Any, item: Any) -> Any:
        template = self._state.get("ItemSelector", self._state.get("Parameters"))
        return item if template is None else fill(template, self._scope.of(self.effective(value)))

    async def part(self, owner: Mapping[str, Any], value: Any) -> Any:
        return fill(owner.get("Parameters", {}), self._scope.of(self.effective(value)))

    async def options(self, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
        scope = self._scope.of(self.effective(value))
        options = {
            name.removesuffix("Path"): read_field(name, each, scope) if name.endswith("Path") else fill(each, scope)
            for name, each in given.items()
        }
        demand_options(options, self.failure)
        return options

    async def end(self, value: Any, result: Any) -> Ended:
        assigned = self._assigned(self._state, result)
        selector = self._state.get("ResultSelector")
        selected = result if selector is None else fill(selector, self._scope.of(result))
        return self._path("OutputPath", self._put(self._state, value, selected)), assigned

    async def caught(self, catcher: Mapping[str, Any], value: Any, error: Mapping[str, str]) -> Ended:
        return self._put(catcher, value, dict(error)), self._assigned(catcher, error)

    async def choose(self, value: Any) -> tuple[str | None, Ended]:
        effective = self.effective(value)
        output = self._path("OutputPath", effective)
        for rule in self._state["Choices"]:
            if holds(rule, self._scope.of(effective)):
                return rule["Next"], (output, self._assigned(rule, effective))
        return self._state.get("Default"), (output, self._assigned(self._state, effective))

    def _assigned(self, owner: Mapping[str, Any], value: Any) -> dict[str, Any]:
        filled: dict[str, Any] = fill(owner.get("Assign", {}), self._scope.of(value))
        return filled

    def _put(self, owner: Mapping[str, Any], value: Any, result: Any) -> Any:
        path = owner.get("ResultPath", "$")
        if path is None:
            return value
        try:
            return parse_path(path).write(value, result)
        except PathError as error:
            raise DataError(RESULT_PATH_MATCH_FAILURE, f"{error} The input is '{compact(value)}'.") from None

    def _path(self, name: str, value: Any) -> Any:
        path = self._state.get(name, "$")
        return {} if path is None else self._read(name, path, value)

    def _read(self, name: str, path: str, value: Any) -> Any:
        try:
            return self._scope.of(value).read(parse_path(path))
        except PathError:
            raise DataError(RUNTIME, f"Invalid path '{path}' in '{name}' for the input '{compact(value)}'.") from None


class JsonataFlow:
    """Arguments, Output and Assign, with `$states` and variables."""

    failure = QUERY_EVALUATION_ERROR

    def __init__(
        self,
        state: State,
        context: Mapping[str, Any],
        variables: Mapping[str, Any],
        now: Callable[[], float],
        evaluator: Evaluator,
    ) -> None:
        self._state, self._context, self._variables = state, context, variables
        self._now, self._evaluator = now, evaluator

    def effective(self, value: Any) -> Any:
        return value

    async def arguments(self, value: Any) -> Any:
        return await self._fill("Arguments", value) if "Arguments" in self._state else value

    async def field(self, name: str, value: Any) -> Any:
        found = await self._fill(name, value)
        if found is None and name in self._state:
            raise DataError(self.failure, f"The field '{name}' must not be null.", name)
        return found

    async def number(self, name: str, value: Any) -> float | None:
        return await _number(self, name, value)

    async def items(self, value: Any) -> Any:
        found = await self._fill("Items", value) if "Items" in self._state else value
        if isinstance(found, dict):
            return pairs(found)
        if not isinstance(found, list):
            raise DataError(QUERY_EVALUATION_ERROR, "The items of a Map state must be an array or an object.", "Items")
        return found

    async def item(self, value: Any, item: Any) -> Any:
        return await self._fill("ItemSelector", value) if "ItemSelector" in self._state else item

    async def part(self, owner: Mapping[str, Any], value: Any) -> Any:
        return await self._evaluator.fill(owner.get("Arguments", {}), self._known(value), "Arguments")

    async def options(self, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
        known = self._known(value)
        options = {name: await self._evaluator.fill(each, known, name) for name, each in given.items()}
        demand_options(options, self.failure)
        return options

    async def end(self, value: Any, result: Any) -> Ended:
        readable = {"result": result} if self._state["Type"] in fields.WITH_RESULT else {}
        return await self._ended(self._state, value, result, **readable)

    async def caught(self, catcher: Mapping[str, Any], value: Any, error: Mapping[str, str]) -> Ended:
        return await self._ended(catcher, value, dict(error), errorOutput=dict(error))

    async def choose(self, value: Any) -> tuple[str | None, Ended]:
        known = self._known(value)
        for index, rule in enumerate(self._state["Choices"]):
            holds = await self._evaluator.fill(rule["Condition"], known, f"Choices[{index}]/Condition")
            if not isinstance(holds, bool):
                place = f"Choices[{index}]/Condition"
                raise DataError(QUERY_EVALUATION_ERROR, f"{place} must evaluate to a boolean.", place)
            if holds:
                owner = rule if "Output" in rule else {**rule, "Output": self._state.get("Output", value)}
                return rule["Next"], await self._ended(owner, value, value)
        return self._state.get("Default"), await self._ended(self._state, value, value)

    async def _ended(self, owner: Mapping[str, Any], value: Any, default: Any, **more: Any) -> Ended:
        known = self._known(value, **more)
        output = await self._evaluator.fill(owner["Output"], known, "Output") if "Output" in owner else default
        return output, await self._evaluator.fill(owner.get("Assign", {}), known, "Assign")

    async def _fill(self, name: str, value: Any) -> Any:
        return await self._evaluator.fill(self._state.get(name), self._known(value), name)

    def _known(self, value: Any, **more: Any) -> Known:
        states = {"input": value, "context": self._context, **more}
        return Known({**self._variables, "states": states}, self._now())
