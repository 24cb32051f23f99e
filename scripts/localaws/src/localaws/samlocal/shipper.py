"""Writes the output of containers to the log groups of their functions."""

import queue
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from docker.errors import NotFound

from localaws.runtime.output import LogLine, OutputParser

_FUNCTION_LABEL = "sam.cli.function.name"
# Log lines of AWS's emulator, which aren't the function's output.
_EMULATOR = re.compile(r"\d\d \w{3} \d{4} \d\d:\d\d:\d\d,\d{3} \[\w+\] \(rapid\) ")
_LIMIT = 1000


class LogShipper:
    """Follows each container of a network that the SAM CLI starts, from its first line to its last."""

    def __init__(self, client: Any, network: str, groups: Mapping[str, str], logs: Any) -> None:
        """Start following. `groups` is logical id → log group; `logs` is a CloudWatch Logs client."""
        self._client, self._network, self._groups, self._logs = client, network, groups, logs
        self._lines: queue.SimpleQueue[tuple[str, str, list[LogLine]] | None] = queue.SimpleQueue()
        self._followers: list[threading.Thread] = []
        self._events = client.events(decode=True, filters={"type": "container", "event": "start"})
        self._watcher = threading.Thread(target=self._watch, name="log-shipper", daemon=True)
        self._writer = threading.Thread(target=self._write, name="log-shipper-writer", daemon=True)
        self._watcher.start()
        self._writer.start()

    def close(self) -> None:
        """Write the remaining output of the containers, which have ended by now, and stop."""
        self._events.close()
        self._watcher.join()
        for follower in self._followers:
            follower.join()
        self._lines.put(None)
        self._writer.join()

    def _watch(self) -> None:
        for event in self._events:
            function = event["Actor"]["Attributes"].get(_FUNCTION_LABEL)
            if function in self._groups and self._is_ours(event["id"]):
                for output in ("stdout", "stderr"):
                    arguments = (event["id"], output, self._groups[function])
                    follower = threading.Thread(
                        target=self._follow, args=arguments, name=f"logs-{function}", daemon=True
                    )
                    self._followers.append(follower)
                    follower.start()

    def _is_ours(self, container: str) -> bool:
        try:
            networks = self._client.api.inspect_container(container)["NetworkSettings"]["Networks"]
        except NotFound:
            return False
        return self._network in networks

    def _follow(self, container: str, output: str, group: str) -> None:
        """Follow stdout or stderr, so that partial lines of the two aren't mixed."""
        stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{container[:32]}"
        parser = OutputParser()
        which = {name: name == output for name in ("stdout", "stderr")}
        with suppress(NotFound):
            for chunk in self._client.api.logs(container, stream=True, follow=True, **which):
                self._lines.put((group, stream, parser.feed(chunk, _now())))
        self._lines.put((group, stream, parser.flush(_now())))

    def _write(self) -> None:
        known: set[tuple[str, str]] = set()
        running = True
        while running:
            waiting, running = self._take()
            for (group, stream), lines in waiting.items():
                if (group, stream) not in known:
                    self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
                    known.add((group, stream))
                for some in _slices(sorted(lines, key=lambda line: line.timestamp)):
                    events = [{"timestamp": line.timestamp, "message": line.message} for line in some]
                    self._logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _take(self) -> tuple[dict[tuple[str, str], list[LogLine]], bool]:
        """Wait for lines and take them, by stream; False after the last ones."""
        waiting: dict[tuple[str, str], list[LogLine]] = {}
        item = self._lines.get()
        while item is not None:
            group, stream, lines = item
            kept = [line for line in lines if not _EMULATOR.match(line.message)]
            if kept:
                waiting.setdefault((group, stream), []).extend(kept)
            if self._lines.empty():
                return waiting, True
            item = self._lines.get()
        return waiting, False


def _slices(lines: list[LogLine]) -> Iterator[list[LogLine]]:
    for start in range(0, len(lines), _LIMIT):
        yield lines[start : start + _LIMIT]


def _now() -> int:
    return time.time_ns() // 1_000_000
