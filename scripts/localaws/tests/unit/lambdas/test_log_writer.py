from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto.logs.models import LogGroup, logs_backends

from localaws.lambdas.log_writer import LogWriter
from localaws.runtime.output import LogLine

REGION = "us-east-1"
NOW = int(time.time() * 1000)


@pytest.fixture
def backend() -> Any:
    """The log groups of an account that no other test uses."""
    return logs_backends[f"{secrets.randbelow(10**12):012}"][REGION]


@pytest.fixture
def writer(backend: Any) -> Iterator[LogWriter]:
    writer = LogWriter(backend.account_id, REGION)
    yield writer
    writer.close()


def messages(backend: Any, group: str, stream: str) -> list[str]:
    return [event.message for event in backend.groups[group].streams[stream].events]


def lines(*texts: str, at: int = NOW) -> list[LogLine]:
    return [LogLine(at + index, text) for index, text in enumerate(texts)]


def test_lines_can_be_read_after_a_flush(writer: LogWriter, backend: Any) -> None:
    writer.write("group", "one", lines("START", "END"))
    writer.write("group", "two", lines("of another"))
    writer.write("group", "one", lines("next START", at=NOW + 10))
    writer.flush()
    assert messages(backend, "group", "one") == ["START", "END", "next START"]
    assert messages(backend, "group", "two") == ["of another"]


def test_lines_are_written_after_a_moment_without_a_flush(writer: LogWriter, backend: Any) -> None:
    for text in ("first", "second"):
        writer.write("group", text, lines(text))
        until = time.monotonic() + 10
        while "group" not in backend.groups or text not in backend.groups["group"].streams:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert messages(backend, "group", text) == [text]


def test_a_call_without_output_creates_no_log_group(writer: LogWriter, backend: Any) -> None:
    writer.write("group", "stream", [])
    writer.flush()
    assert not backend.groups


def test_closing_writes_the_remaining_lines(backend: Any) -> None:
    writer = LogWriter(backend.account_id, REGION)
    writer.write("group", "stream", lines("last words"))
    writer.close()
    assert messages(backend, "group", "stream") == ["last words"]


def test_lines_written_after_a_reset_can_be_read(writer: LogWriter, backend: Any) -> None:
    writer.write("group", "stream", lines("before"))
    writer.flush()
    logs_backends.pop(backend.account_id)
    writer.write("group", "stream", lines("after"))
    writer.flush()
    assert messages(logs_backends[backend.account_id][REGION], "group", "stream") == ["after"]


def test_a_failed_log_group_does_not_affect_the_others(
    writer: LogWriter, backend: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put = LogGroup.put_log_events

    def failing(group: LogGroup, stream: str, events: Any) -> Any:
        if group.name == "broken":
            raise RuntimeError("as asked")
        return put(group, stream, events)

    monkeypatch.setattr(LogGroup, "put_log_events", failing)
    writer.write("broken", "stream", lines("lost"))
    writer.write("sound", "stream", lines("kept"))
    writer.flush()
    assert messages(backend, "sound", "stream") == ["kept"]
    assert "Log lines of broken could not be written." in caplog.text
