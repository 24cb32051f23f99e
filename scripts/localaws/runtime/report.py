"""The lines and payloads that Lambda itself writes about an invocation."""

import json
import math
from datetime import UTC, datetime


def start_line(request_id: str, version: str) -> str:
    """Say that an invocation starts."""
    return f"START RequestId: {request_id} Version: {version}"


def end_line(request_id: str) -> str:
    """Say that an invocation has ended."""
    return f"END RequestId: {request_id}"


def billed_ms(duration_ms: float, init_ms: float | None) -> int:
    """Give the milliseconds billed: since August 2025 the init phase of a cold start is billed too."""
    return math.ceil(duration_ms + (init_ms or 0))


def report_line(
    request_id: str, duration_ms: float, memory: int, max_memory: int, init_ms: float | None, failure: str | None
) -> str:
    """Sum an invocation up; `failure` is None, `timeout`, or the type of the error that ended the runtime."""
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
    """Say that an invocation took too long, in seconds."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{moment}Z {request_id} Task timed out after {timeout:.2f} seconds"


def error_payload(request_id: str, error_type: str, problem: str) -> bytes:
    """Make the payload of an error that the platform found, as `RequestId: … Error: …`."""
    return json.dumps({"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {problem}"}).encode()
