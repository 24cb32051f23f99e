"""Runs the executions of state machines, all of them on one event loop in a thread."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import uuid
from collections import ChainMap
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random
from typing import Any

from localaws.clock import Clock
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.activity_tasks import ActivityTask, ActivityTasks
from localaws.stepfunctions.calls import Clients
from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.distributed.runner import DistributedMaps
from localaws.stepfunctions.errors import ExecutionAlreadyExists, ExecutionDoesNotExist, ExecutionNotRedrivable
from localaws.stepfunctions.evaluators import Processes
from localaws.stepfunctions.execution import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Execution, Machine
from localaws.stepfunctions.flow import Flow, iso
from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.errors import RUNTIME, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.limits import OutOfTime, within_limits
from localaws.stepfunctions.redrives import redrive_status
from localaws.stepfunctions.state_tests.run import Outcome, StateUnderTest, run_test
from localaws.stepfunctions.strand import Strand
from localaws.stepfunctions.tasks import TaskRunner
from localaws.stepfunctions.timers import Timers
from localaws.stepfunctions.tokens import Tokens
from localaws.stepfunctions.workers import Workers

_LOG = logging.getLogger(__name__)
# Calls of APIs that run at once.
_THREADS = 200
# How long a worker waits for a task of an activity, by the machine's clock.
_POLL_SECONDS = 60
# How many seconds an EXPRESS execution can take, on local AWS's clock.
_LONGEST_EXPRESS = 300
# Called with each execution whose status has changed.
Report = Callable[[Execution], None]


class ExecutionTimedOut(OutOfTime):
    """An execution took longer than the TimeoutSeconds of its state machine."""


class Engine:
    """All executions, on local AWS's clock. Its methods may be called from any thread.

    `changed` is called when there's something new to wait for, `report` at the start and the end of an execution, `log`
    after its end.
    """

    def __init__(
        self,
        clients: Clients,
        activities: Activities,
        clock: Clock,
        region: str,
        changed: Callable[[], None],
        report: Report,
        log: Report,
    ) -> None:
        self.timers = Timers(clock, changed)
        self._clock, self._report, self._log = clock, report, log
        self._random = Random()  # noqa: S311 (it spreads retries)
        self._executions: dict[str, Execution] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._tokens = Tokens()
        self._evaluator = Processes()
        self._activities = ActivityTasks(activities.find)
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="stepfunctions")
        work = Workers(self._tokens, self._activities)
        self._tasks = TaskRunner(clients, self._tokens, work, region, self._workers, lambda: self, described)
        self.maps = DistributedMaps(clients, self._workers, lambda: self)
        self._thread = threading.Thread(target=self._loop.run_forever, name="stepfunctions", daemon=True)
        self._thread.start()

    def start(self, machine: Machine, name: str | None, text: str, trace_header: str | None = None) -> Execution:
        """Start an execution; one of the same name and input that still runs is returned in its place."""
        with self._lock:
            known = self._executions.get(_arn(machine, name)) if name else None
            if known is not None:
                if known.status == RUNNING and known.input == text:
                    return known
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{known.arn}'")
            execution = self._registered(machine, name or str(uuid.uuid4()), text)
            execution.trace_header = trace_header
        self._report(execution)
        self._loop.call_soon_threadsafe(self._begin, execution)
        return execution

    def _registered(self, machine: Machine, name: str, text: str) -> Execution:
        arn = _arn(machine, name)
        execution = Execution(arn, name, machine, text, self._clock.now())
        self._executions[arn] = execution
        return execution

    def find(self, arn: str) -> Execution:
        """An execution; raises ExecutionDoesNotExist."""
        if arn not in self._executions:
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{arn}'")
        return self._executions[arn]

    def of(self, machine: str) -> list[Execution]:
        """The executions of a state machine, newest first."""
        return [each for each in reversed(list(self._executions.values())) if each.machine.arn == machine]

    def all(self) -> list[Execution]:
        """All executions, the oldest first; the children of Distributed Maps too."""
        return list(self._executions.values())

    def restore(self, executions: Iterable[Execution]) -> None:
        """Add executions that have ended, as the oldest."""
        with self._lock:
            self._executions = {execution.arn: execution for execution in executions} | self._executions

    def stop(self, arn: str, error: str | None, cause: str | None) -> None:
        """Stop an execution, if it runs."""
        self._call(self._stop(self.find(arn), error, cause))

    def redrive(self, execution: Execution) -> None:
        """Let an execution that has failed go on where it failed; raises ExecutionNotRedrivable."""
        _, reason = redrive_status(execution)
        if reason:
            raise ExecutionNotRedrivable(f"Execution is not redrivable: '{execution.arn}': {reason}")
        self._restart(execution)
        self._loop.call_soon_threadsafe(self._begin, execution)

    def _restart(self, execution: Execution) -> None:
        execution.finished = asyncio.Event()
        execution.redrives += 1
        execution.redriven = self._clock.now()
        execution.status, execution.ended = RUNNING, None
        execution.error = execution.cause = None
        execution.resumed_run = (
            execution.map_run if execution.map_run and execution.map_run.status != SUCCEEDED else None
        )
        self._report(execution)

    async def child(self, run: MapRun, child: Child) -> None:
        """Run a child of a Distributed Map to its end, however it ends."""
        execution = child.execution
        if execution is not None and execution.machine.kind == "STANDARD" and execution.reached is not None:
            self._restart(execution)
        else:
            execution = self._registered(run.machine, str(uuid.uuid4()), child.input)
            execution.items, child.execution = child.items, execution
            self._report(execution)
        child.awaits_redrive = False
        self._begin(execution)
        task = self._running.get(execution.arn)
        try:
            await execution.finished.wait()
        except asyncio.CancelledError:
            if task:
                execution.status = ABORTED
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            raise

    def wait(self, execution: Execution) -> None:
        """Return at the end of an execution."""
        self._call(self._finished(execution))

    async def ended(self, arn: str) -> Execution:
        """An execution, once it has ended; for coroutines of the loop."""
        execution = self.find(arn)
        await execution.finished.wait()
        return execution

    def succeed(self, token: str, output: Any) -> None:
        """Report the result of a task; raises UnknownToken or TokenEnded."""
        self._call(self._on_loop(lambda: self._tokens.succeed(token, output)))

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """Report the failure of a task; raises UnknownToken or TokenEnded."""
        self._call(self._on_loop(lambda: self._tokens.fail(token, StateError(error, cause))))

    def beat(self, token: str) -> None:
        """Report that a task is still at work; raises UnknownToken or TokenEnded."""
        self._call(self._on_loop(lambda: self._tokens.beat(token, self._clock.now())))

    def test(self, tested: StateUnderTest) -> Outcome:
        """What becomes of one attempt of a state, outside of any execution."""
        return self._call(run_test(tested, self._tasks, self.maps, self.timers, self._random, self._evaluator))

    def activity_task(self, activity: str, worker: str | None) -> ActivityTask | None:
        """The next task of an activity, for which it waits; None if there's none within a minute.

        Raises ActivityDoesNotExist.
        """
        return self._call(self._activities.take(activity, worker, _POLL_SECONDS))

    def dismiss_workers(self, activity: str) -> None:
        """Let the workers go that wait for an activity's tasks."""
        self._call(self._on_loop(lambda: self._activities.dismiss(activity)))

    def forget(self, machine: str) -> None:
        """Stop and forget the executions of a state machine, and the children of its Distributed Maps."""
        for execution in self.of(machine):
            self.stop(execution.arn, None, None)
        with self._lock:
            of_machine = [
                arn
                for arn, execution in self._executions.items()
                if execution.machine.arn == machine or execution.machine.arn.startswith(f"{machine}/")
            ]
            for arn in of_machine:
                del self._executions[arn]
            for run in [run for run in self.maps.runs.values() if run.machine.arn.startswith(f"{machine}/")]:
                del self.maps.runs[run.arn]

    def forget_all(self) -> None:
        """Stop and forget all executions."""
        self._call(self._forget_all())

    def close(self) -> None:
        """Stop everything."""
        self.forget_all()
        self._call(self._evaluator.close())
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop and wait for it."""
        if threading.current_thread() is self._thread:
            # A task of the loop stops another execution: it needn't wait for that.
            self._loop.create_task(work)
            return None  # type: ignore[return-value]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @staticmethod
    async def _on_loop(work: Callable[[], None]) -> None:
        work()

    @staticmethod
    async def _finished(execution: Execution) -> None:
        await execution.finished.wait()

    async def _forget_all(self) -> None:
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._executions.clear()
        self.maps.runs.clear()
        self._tokens.forget_all()
        await self._activities.forget_all()

    async def _stop(self, execution: Execution, error: str | None, cause: str | None) -> None:
        task = self._running.get(execution.arn)
        if execution.status != RUNNING:
            return
        execution.error, execution.cause, execution.status = error, cause, ABORTED
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self, execution: Execution) -> None:
        # It starts at once, so that one that's stopped right away ends like any other.
        task = asyncio.Task(self._run(execution), loop=self._loop, eager_start=True)
        if not task.done():
            self._running[execution.arn] = task

    async def _run(self, execution: Execution) -> None:
        strand = Strand(execution, self.timers)
        machine = execution.machine
        began = strand.now()
        if execution.redrives:
            strand.last = execution.history[-1]["id"]
            strand.note("ExecutionRedriven", redriveCount=execution.redrives)
        else:
            by = {"stateMachineVersionArn": machine.version or None, "stateMachineAliasArn": machine.alias or None}
            strand.note("ExecutionStarted", input=execution.input, roleArn=machine.role, **by)
        try:
            output = await self._within_timeout(self._flow(execution, strand), strand, began)
            execution.status, execution.output = SUCCEEDED, compact(output)
            strand.note("ExecutionSucceeded", output=execution.output)
        except ExecutionTimedOut:
            execution.status = TIMED_OUT
            strand.note("ExecutionTimedOut")
        except StateError as error:
            execution.status, execution.error, execution.cause = FAILED, error.error, error.cause
            strand.note("ExecutionFailed", **error.details)
        except asyncio.CancelledError:
            strand.note("ExecutionAborted", error=execution.error, cause=execution.cause)
            raise
        except Exception as error:  # noqa: BLE001 (an execution ends, whatever fails)
            _LOG.exception("The execution %s failed within local AWS.", execution.arn)
            cause = f"Local AWS failed within the execution: {type(error).__name__}: {error}"
            execution.status, execution.error, execution.cause = FAILED, RUNTIME, cause
            strand.note("ExecutionFailed", error=RUNTIME, cause=cause)
        finally:
            execution.ended = strand.now()
            execution.finished.set()
            self._running.pop(execution.arn, None)
            self._log(execution)
            self._report(execution)

    def _flow(self, execution: Execution, strand: Strand) -> Coroutine[Any, Any, Any]:
        """Runs the states, from the one on that a redriven execution has reached."""
        machine = execution.machine
        definition = machine.definition
        context = {
            "Execution": {
                "Id": execution.arn,
                "Input": json.loads(execution.input),
                "Name": execution.name,
                "RoleArn": machine.role,
                "StartTime": iso(execution.started),
                "RedriveCount": execution.redrives,
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        language = definition.get("QueryLanguage", fields.JSONPATH)
        reached = execution.reached
        variables: ChainMap[str, Any] = ChainMap(dict(reached.variables) if reached else {})
        flow = Flow(
            definition,
            language,
            context,
            variables,
            strand,
            self._tasks,
            self.maps,
            self._random,
            self._evaluator,
            is_outermost=True,
        )
        return flow.run(reached.value, reached.state) if reached else flow.run(json.loads(execution.input))

    async def _within_timeout(self, work: Coroutine[Any, Any, Any], strand: Strand, began: float) -> Any:
        machine = strand.execution.machine
        seconds = machine.definition.get("TimeoutSeconds")
        if machine.kind == "EXPRESS":
            seconds = min(seconds or _LONGEST_EXPRESS, _LONGEST_EXPRESS)
        return await within_limits(strand, work, *([self._expired(strand, began + seconds)] if seconds else []))

    @staticmethod
    async def _expired(strand: Strand, moment: float) -> ExecutionTimedOut:
        waits = strand.fork()
        await waits.reach(moment)
        return ExecutionTimedOut(None, waits.lag)


def _arn(machine: Machine, name: str) -> str:
    """The ARN of an execution; names of EXPRESS executions needn't be unique."""
    if machine.kind == "EXPRESS":
        return f"{machine.arn.replace(':stateMachine:', ':express:')}:{name}:{uuid.uuid4()}"
    return f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"


def described(execution: Execution) -> dict[str, Any]:
    """An execution as the result of a task that waited for it."""
    shown: dict[str, Any] = {
        "ExecutionArn": execution.arn,
        "Input": execution.input,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": int(execution.started * 1000),
        "StateMachineArn": execution.machine.arn,
        "Status": execution.status,
        "StopDate": int((execution.ended or execution.started) * 1000),
    }
    if execution.output is not None:
        shown |= {"Output": execution.output, "OutputDetails": {"Included": True}}
    known = {"Error": execution.error, "Cause": execution.cause}
    return shown | {name: value for name, value in known.items() if value is not None}


def moment(epoch: float) -> datetime:
    """A time of the API."""
    return datetime.fromtimestamp(epoch, UTC)
