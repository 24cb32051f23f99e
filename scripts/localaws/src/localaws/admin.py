"""The API that controls local AWS itself, under /_localaws/ on the port of the AWS endpoint."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from localaws.errors import LocalAwsError

PREFIX = "/_localaws/"
Progress = Callable[[str], None]
# Takes the request's JSON object and returns the result's, reporting its progress; raises LocalAwsError.
Operation = Callable[[Mapping[str, Any], Progress], Mapping[str, Any]]


class Admin:
    """A WSGI application with one operation per path.

    It streams lines of JSON: {"progress": "…"} while the operation runs, then {"result": {…}} or {"error": "…"}.
    """

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = self._operations.get(str(environ["PATH_INFO"]).removeprefix(PREFIX))
        if operation is None:
            start_response("404 Not Found", [("content-type", "text/plain")])
            return [f"Local AWS has no {environ['PATH_INFO']}.\n".encode()]
        start_response("200 OK", [("content-type", "application/jsonl")])
        return _lines(operation, json.loads(body or b"{}"))


def _lines(operation: Operation, request: Mapping[str, Any]) -> Iterator[bytes]:
    lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def work() -> None:
        try:
            lines.put({"result": operation(request, lambda line: lines.put({"progress": line}))})
        except LocalAwsError as error:
            lines.put({"error": str(error), "exit_code": error.exit_code})
        except BaseException as error:
            # Report it in any case, so that the client doesn't wait forever.
            lines.put({"error": f"{type(error).__name__}: {error}", "exit_code": 1})
            raise

    threading.Thread(target=work, name="admin", daemon=True).start()
    while True:
        line = lines.get()
        yield json.dumps(line).encode() + b"\n"
        if "progress" not in line:
            return
