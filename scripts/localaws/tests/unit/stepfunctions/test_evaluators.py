"""Expressions that run in processes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from localaws.stepfunctions.evaluators import Processes
from localaws.stepfunctions.language.errors import DataError
from localaws.stepfunctions.language.jsonata import Known

KNOWN = Known({"x": {"a": [1, None]}, "states": {"input": "é"}}, 0.0)
ENDLESS = "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"
# Python's regular expressions try 2^40 ways before they find that there's no match, and let no other thread run.
ENDLESS_REGEX = f"{{% $match('{'a' * 40}!', /^(a+)+$/) %}}"
TOO_MUCH_MEMORY = "{% $length($pad('', 3000000000)) %}"


def with_processes[T](work: Callable[[Processes], Awaitable[T]], seconds: float = 60) -> T:
    async def run() -> T:
        processes = Processes(seconds)
        try:
            return await work(processes)
        finally:
            await processes.close()

    return asyncio.run(run())


@pytest.mark.proves("jsonata values")
def test_a_process_fills_templates() -> None:
    async def work(processes: Processes) -> list[Any]:
        templates: list[Any] = [{"a": ["{% $x.a %}", 1]}, "{% $states.input %}", "{% $millis() %}", "plain", [None]]
        return [await processes.fill(template, KNOWN, "Output") for template in templates]

    assert with_processes(work) == [{"a": [[1, None], 1]}, "é", 0, "plain", [None]]


@pytest.mark.proves("jsonata failures")
def test_an_error_in_a_process_has_its_place() -> None:
    async def work(processes: Processes) -> Any:
        return await processes.fill({"a": "{% $none %}"}, KNOWN, "Output")

    with pytest.raises(DataError, match="returned nothing") as raised:
        with_processes(work)
    assert (raised.value.error, raised.value.location) == ("States.QueryEvaluationError", "Output/a")


@pytest.mark.proves("jsonata limits")
@pytest.mark.parametrize("endless", [ENDLESS, ENDLESS_REGEX])
def test_an_endless_expression_fails_alone(endless: str) -> None:
    async def work(processes: Processes) -> tuple[Any, bool]:
        waiting = asyncio.create_task(processes.fill(endless, KNOWN, "Output"))
        other = await processes.fill("{% 1 + 1 %}", KNOWN, "Output")
        is_over = waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return other, is_over

    assert with_processes(work) == (2, False)

    async def wait(processes: Processes) -> Any:
        return await processes.fill(endless, KNOWN, "Output")

    with pytest.raises(DataError, match="took longer than 1 s"):
        with_processes(wait, seconds=1)


@pytest.mark.proves("jsonata limits")
def test_an_expression_that_needs_too_much_memory_fails_alone() -> None:
    async def work(processes: Processes) -> Any:
        with pytest.raises(DataError):
            await processes.fill(TOO_MUCH_MEMORY, KNOWN, "Output")
        return await processes.fill("{% 1 + 1 %}", KNOWN, "Output")

    assert with_processes(work) == 2
