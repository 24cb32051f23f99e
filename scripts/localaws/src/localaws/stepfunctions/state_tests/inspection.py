"""Records what a state's fields make of its data, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.data_flow import DataFlow, Ended

State = Mapping[str, Any]
# The types of states that have a result.
_WORKING = frozenset({"Task", "Pass"})


class Inspected:
    """The data flow of a state, which notes each step in `seen` by its name in inspectionData.

    `flow_of` makes the data flow of another state in the same place.
    """

    def __init__(self, language: str, state: State, flow_of: Callable[[State], DataFlow]) -> None:
        self._in_jsonata = language == fields.JSONATA
        self._state, self._flow_of, self._flow = state, flow_of, flow_of(state)
        self.seen: dict[str, Any] = {}
        self.failure = self._flow.failure

    def effective(self, value: Any) -> Any:
        effective = self._flow.effective(value)
        if not self._in_jsonata:
            self.seen["afterInputPath"] = effective
        return effective

    async def arguments(self, value: Any) -> Any:
        self.effective(value)
        given = await self._flow.arguments(value)
        self.seen["afterArguments" if self._in_jsonata else "afterParameters"] = given
        return given

    async def field(self, name: str, value: Any) -> Any:
        return await self._flow.field(name, value)

    async def number(self, name: str, value: Any) -> float | None:
        return await self._flow.number(name, value)

    async def items(self, value: Any) -> Any:
        return await self._flow.items(value)

    async def item(self, value: Any, item: Any) -> Any:
        return await self._flow.item(value, item)

    async def part(self, owner: Mapping[str, Any], value: Any) -> Any:
        return await self._flow.part(owner, value)

    async def options(self, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
        return await self._flow.options(given, value)

    async def end(self, value: Any, result: Any) -> Ended:
        if self._state["Type"] in _WORKING:
            self.seen["result"] = result
            if not self._in_jsonata:
                await self._note("afterResultSelector", ("Assign", "OutputPath", "ResultPath"), value, result)
                await self._note("afterResultPath", ("Assign", "OutputPath"), value, result)
        return await self._flow.end(value, result)

    async def caught(self, catcher: Mapping[str, Any], value: Any, error: Mapping[str, str]) -> Ended:
        return await self._flow.caught(catcher, value, error)

    async def choose(self, value: Any) -> tuple[str | None, Ended]:
        self.effective(value)
        return await self._flow.choose(value)

    async def _note(self, name: str, later: tuple[str, ...], value: Any, result: Any) -> None:
        """Note the output of the state without the fields that come later."""
        before = {field: given for field, given in self._state.items() if field not in later}
        self.seen[name], _ = await self._flow_of(before).end(value, result)
