"""The log lines and error payloads of the Lambda platform."""

import json
import math
from datetime import UTC, datetime


def start_line(request_id: str, version: str) -> str:
    """The line at the start of an invocation."""
    return f"START RequestId: {request_id} Version: {version}"


def end_line(request_id: str) -> str:
    """The line at the end of an invocation."""
    return f"END RequestId: {request_id}"


def billed_ms(duration_ms: float, init_ms: float | None) -> int:
    """The billed milliseconds: since August 2025 the init phase of a cold start is billed too."""
    return math.ceil(duration_ms + (init_ms or 0))


def report_line(
    request_id: str, duration_ms: float, memory: int, max_memory: int, init_ms: float | None, failure: str | None
) -> str:
    """The REPORT line; `failure` is None, `timeout`, or the type of the error that ended the runtime."""
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration_ms:.2f} ms",
        f"Billed Duration: {billed_ms(duration_ms, init_ms)} ms",
        f"Memory Size: {memory} MB",
        f"Max Memory Used: {max_memory} MB",
    ]
    if init_ms is not None:
        parts.append(f"Init Duration: {init_ms:.2f} ms")
    if failure == "timeout":
        parts.append("Status: timeout")
    elif failure:
        parts += ["Status: error", f"Error Type: {failure}"]
    return "\t".join(parts)


def timeout_line(request_id: str, timeout: float, now_ms: int) -> str:
    """The line for a timeout, which is in seconds."""
    return f"{_moment(now_ms)}Z {request_id} Task timed out after {timeout:.2f} seconds"


def _moment(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]


def error_payload(request_id: str, error_type: str, problem: str) -> bytes:
    """The payload of an error of the platform, as `RequestId: … Error: …`."""
    return json.dumps({"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {problem}"}).encode()


def start_record(request_id: str, version: str, now_ms: int) -> str:
    """The start of an invocation as a JSON log record."""
    return _record("platform.start", {"requestId": request_id, "version": version}, now_ms)


def report_record(
    request_id: str,
    duration_ms: float,
    memory: int,
    max_memory: int,
    init_ms: float | None,
    failure: str | None,
    now_ms: int,
) -> str:
    """The report as a JSON log record; the arguments are those of `report_line`."""
    metrics = {
        "durationMs": round(duration_ms, 3),
        "billedDurationMs": billed_ms(duration_ms, init_ms),
        "memorySizeMB": memory,
        "maxMemoryUsedMB": max_memory,
        **({"initDurationMs": round(init_ms, 3)} if init_ms is not None else {}),
    }
    status = "timeout" if failure == "timeout" else "error" if failure else "success"
    kind = {"errorType": failure} if status == "error" else {}
    return _record("platform.report", {"requestId": request_id, "metrics": metrics, "status": status, **kind}, now_ms)


def _record(kind: str, content: dict[str, object], now_ms: int) -> str:
    return json.dumps({"time": f"{_moment(now_ms)}Z", "type": kind, "record": content})
