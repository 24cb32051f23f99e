"""Runs Distributed Maps: reads the items, starts a child for each batch, and collects or writes their results."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from localaws.stepfunctions.calls import Clients
from localaws.stepfunctions.concurrency import run_all
from localaws.stepfunctions.distributed.batches import batches
from localaws.stepfunctions.distributed.items import read_items
from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.distributed.results import transformed, write_results
from localaws.stepfunctions.execution import ABORTED, FAILED, SUCCEEDED, Execution, Machine
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
    """One visit to a Map state. `select` makes the input of an item from its index and value."""

    name: str
    state: Mapping[str, Any]
    language: str
    data: DataFlow
    value: Any
    strand: Strand
    select: Callable[[int, Any], Any]


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
            run = await self._new(visit)
            self.runs[run.arn] = run
            strand.note("MapStateStarted", length=sum(child.items for child in run.children))
            strand.note("MapRunStarted", mapRunArn=run.arn)
        else:
            self._check_redrive(run)
            run.redrive()
            strand.note("MapRunRedriven", mapRunArn=run.arn, redriveCount=run.redrives)
        strand.execution.map_run = run
        try:
            await self._children_of(run)
        except StateError as error:
            run.status = FAILED
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
        result = await self._result(visit, run)
        strand.note("MapRunSucceeded")
        strand.note("MapStateSucceeded")
        return result

    async def _new(self, visit: MapVisit) -> MapRun:
        state, data, value = visit.state, visit.data, visit.value
        execution = visit.strand.execution
        parent = execution.machine
        self._clients.check(parent, "states:StartExecution", parent.arn.partition("/")[0])
        items = await self._items(visit)
        selected = [visit.select(index, item) for index, item in enumerate(items)]
        processor = state["ItemProcessor"]
        definition = {"QueryLanguage": visit.language, **processor}
        label = state.get("Label") or _LABEL.sub("-", visit.name)[:40]
        machine = Machine(
            f"{parent.arn}/{label}",
            f"{parent.name}/{label}",
            parent.role,
            processor["ProcessorConfig"]["ExecutionType"],
            definition,
            parent.logging,
        )
        return MapRun(
            arn=f"{parent.arn.replace(':stateMachine:', ':mapRun:')}/{label}:{uuid.uuid4()}",
            parent=execution.arn,
            machine=machine,
            children=self._batched(visit, selected),
            limit=int(data.number("MaxConcurrency", value) or _MOST_CHILDREN),
            started=visit.strand.now(),
            tolerated_count=data.number("ToleratedFailureCount", value) or 0,
            tolerated_percentage=data.number("ToleratedFailurePercentage", value) or 0,
        )

    def run_of(self, execution: Execution) -> MapRun | None:
        """The run that an execution is a child of."""
        if "/" not in execution.machine.arn:
            return None
        runs = (run for run in self.runs.values() if any(child.execution is execution for child in run.children))
        return next(runs, None)

    def _check_redrive(self, run: MapRun) -> None:
        """Raise StateError if the role may not redrive the children: all have the ARN of the run's state machine."""
        failed = next(
            (child.execution for child in run.children if child.execution and child.status != SUCCEEDED), None
        )
        if failed:
            self._clients.check(failed.machine, "states:RedriveExecution", failed.arn)

    async def _items(self, visit: MapVisit) -> list[Any]:
        reader = visit.state.get("ItemReader")
        if reader is None:
            items: list[Any] = visit.data.items(visit.value)
            return items
        arguments = visit.data.part(reader, visit.value)
        s3 = self._clients(visit.strand.execution.machine, "s3")
        config = visit.data.options(reader.get("ReaderConfig", {}), visit.value)
        return await self._in_thread(partial(read_items, s3, reader["Resource"], arguments, config))

    @staticmethod
    def _batched(visit: MapVisit, items: list[Any]) -> list[Child]:
        batcher = visit.state.get("ItemBatcher")
        if batcher is None:
            return [Child(compact(item), 1) for item in items]
        options = visit.data.options(batcher, visit.value)
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
        config = visit.state.get("ResultWriter", {}).get("WriterConfig", {})
        return transformed(run.outputs, config.get("Transformation", "NONE"))

    async def _write(self, visit: MapVisit, run: MapRun) -> dict[str, str] | None:
        """Write the results, if the state has a place for them."""
        writer = visit.state.get("ResultWriter", {})
        if "Resource" not in writer:
            return None
        place = visit.data.part(writer, visit.value)
        s3 = self._clients(visit.strand.execution.machine, "s3")
        config = writer.get("WriterConfig", {})
        details = await self._in_thread(partial(write_results, s3, run, place, config))
        run.written = details
        return details

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)
