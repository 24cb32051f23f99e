"""Runs Distributed Maps: reads the items, starts a child for each batch, and collects or writes their results."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from localaws.stepfunctions.calls import Clients
from localaws.stepfunctions.concurrency import run_all
from localaws.stepfunctions.distributed.batches import batches
from localaws.stepfunctions.distributed.items import read_items, source_of
from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.distributed.results import preview, transformed, write_results
from localaws.stepfunctions.execution import ABORTED, FAILED, SUCCEEDED, Machine
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import EXCEED_TOLERATED, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.strand import Strand

# Children that run at once if MaxConcurrency is 0: the account's concurrency of functions.
_MOST_CHILDREN = 1000
_LABEL = re.compile(r"[^\w-]")


class Children(Protocol):
    """Runs the executions of children."""

    async def child(self, run: MapRun, child: Child) -> None:
        """Run a child to its end, however it ends; one that has failed before goes on where it failed."""


@dataclass(frozen=True)
class MapVisit:
    """One visit to a Map state. `select` makes the input of an item from its index, its value and its source."""

    name: str
    state: Mapping[str, Any]
    language: str
    data: DataFlow
    value: Any
    strand: Strand
    select: Callable[[int, Any, str], Awaitable[Any]]


class DistributedMaps:
    """All runs, by ARN."""

    def __init__(self, clients: Clients, workers: Executor, children: Callable[[], Children]) -> None:
        self._clients, self._workers, self._children = clients, workers, children
        self.runs: dict[str, MapRun] = {}

    async def run(self, visit: MapVisit) -> Any:
        """The result of the state; raises StateError."""
        strand = visit.strand
        run = strand.execution.resumed_run
        strand.execution.resumed_run = None
        if run is None:
            run = await self._opened(visit)
            self.runs[run.arn] = run
            begin = partial(self._begin, visit, run)
        else:
            begin = partial(self._redrive, visit, run)
        try:
            await begin()
            await self._children_of(run)
            result = await self._result(visit, run)
        except StateError as error:
            run.status = FAILED
            if error.error == EXCEED_TOLERATED:
                await self._write(visit, run)
            strand.note("MapRunFailed", **error.details)
            strand.note("MapStateFailed", **error.details)
            raise
        except asyncio.CancelledError:
            run.status = ABORTED
            raise
        finally:
            run.ended = strand.now()
        run.status = SUCCEEDED
        strand.note("MapRunSucceeded")
        strand.note("MapStateSucceeded")
        return result

    async def _opened(self, visit: MapVisit) -> MapRun:
        """A run whose items aren't read yet."""
        state, data, value = visit.state, visit.data, visit.value
        execution = visit.strand.execution
        parent = execution.machine
        self._clients.check(parent, "states:StartExecution", parent.arn.partition("/")[0])
        processor = state["ItemProcessor"]
        label = state.get("Label") or _LABEL.sub("-", visit.name)[:40]
        arn = f"{parent.arn.replace(':stateMachine:', ':mapRun:')}/{label}:{uuid.uuid4()}"
        machine = Machine(
            f"{parent.arn}/{label}",
            f"{parent.name}/{label}",
            parent.role,
            processor["ProcessorConfig"]["ExecutionType"],
            {"QueryLanguage": visit.language, **processor},
            parent.logging,
            map_run=arn,
            label=label,
        )
        return MapRun(
            arn=arn,
            parent=execution.arn,
            machine=machine,
            children=[],
            limit=int(await data.number("MaxConcurrency", value) or _MOST_CHILDREN),
            started=visit.strand.now(),
            tolerated_count=await data.number("ToleratedFailureCount", value) or 0,
            tolerated_percentage=await data.number("ToleratedFailurePercentage", value) or 0,
        )

    async def _begin(self, visit: MapVisit, run: MapRun) -> None:
        """Read the items; only a run that has them can be redriven, another one begins anew."""
        try:
            run.children = await self._batched(visit, await self._items(visit))
            visit.strand.execution.map_run = run
        finally:
            visit.strand.note("MapStateStarted", length=sum(child.items for child in run.children))
            visit.strand.note("MapRunStarted", mapRunArn=run.arn)

    async def _redrive(self, visit: MapVisit, run: MapRun) -> None:
        self._check_redrive(run)
        run.redrive()
        visit.strand.note("MapRunRedriven", mapRunArn=run.arn, redriveCount=run.redrives)

    def _check_redrive(self, run: MapRun) -> None:
        """Raise StateError if the role may not redrive the children: all have the ARN of the run's state machine."""
        failed = next(
            (child.execution for child in run.children if child.execution and child.status != SUCCEEDED), None
        )
        if failed:
            self._clients.check(failed.machine, "states:RedriveExecution", failed.arn)

    async def _items(self, visit: MapVisit) -> list[Any]:
        """The inputs that the items make, one by one."""
        reader = visit.state.get("ItemReader")
        if reader is None:
            items: list[Any] = await visit.data.items(visit.value)
            source = source_of(None, {})
        else:
            arguments = await visit.data.part(reader, visit.value)
            source = source_of(reader["Resource"], arguments)
            s3 = self._clients(visit.strand.execution.machine, "s3")
            config = await visit.data.options(reader.get("ReaderConfig", {}), visit.value)
            items = await self._in_thread(partial(read_items, s3, reader["Resource"], arguments, config))
        return [await visit.select(index, item, source) for index, item in enumerate(items)]

    @staticmethod
    async def _batched(visit: MapVisit, items: list[Any]) -> list[Child]:
        batcher = visit.state.get("ItemBatcher")
        if batcher is None:
            return [Child(compact(item), 1) for item in items]
        options = await visit.data.options(batcher, visit.value)
        grouped = batches(
            items, options.get("MaxItemsPerBatch"), options.get("MaxInputBytesPerBatch"), options.get("BatchInput")
        )
        return [Child(compact(given), count) for count, given in grouped]

    async def _children_of(self, run: MapRun) -> None:
        async def one(child: Child) -> None:
            await self._children().child(run, child)
            if run.is_exceeded:
                raise StateError(EXCEED_TOLERATED, "The specified tolerated failure threshold was exceeded")

        waiting = [child for child in run.children if child.status != SUCCEEDED]
        await run_all([partial(one, child) for child in waiting], run.limit)

    async def _result(self, visit: MapVisit, run: MapRun) -> Any:
        details = await self._write(visit, run)
        if details is not None:
            return {"MapRunArn": run.arn, "ResultWriterDetails": details}
        writer = visit.state.get("ResultWriter")
        return preview(run, writer["WriterConfig"]) if writer else transformed(run.outputs, "COMPACT")

    async def _write(self, visit: MapVisit, run: MapRun) -> dict[str, str] | None:
        """Write the results, if the state has a place for them."""
        writer = visit.state.get("ResultWriter", {})
        if "Resource" not in writer:
            return None
        place = await visit.data.part(writer, visit.value)
        s3 = self._clients(visit.strand.execution.machine, "s3")
        config = writer.get("WriterConfig", {})
        details = await self._in_thread(partial(write_results, s3, run, place, config))
        run.written = details
        return details

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)
