"""What local AWS answers about itself, beside AWS's APIs: under /_localaws/ on the same port."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from localaws.errors import LocalAwsError

PREFIX = "/_localaws/"
Say = Callable[[str], None]
# Takes the request's JSON object and gives the answer's, saying what it does; raises LocalAwsError where it can't.
Operation = Callable[[Mapping[str, Any], Say], Mapping[str, Any]]


class Admin:
    """A WSGI application of one operation a path.

    It answers in lines of JSON as they come: {"say": "…"} while it works, then {"done": {…}} or {"failed": "…"}.
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


def _lines(operation: Operation, asked: Mapping[str, Any]) -> Iterator[bytes]:
    said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def work() -> None:
        try:
            said.put({"done": operation(asked, lambda line: said.put({"say": line}))})
        except LocalAwsError as error:
            said.put({"failed": str(error), "exit_code": error.exit_code})
        except BaseException as error:
            # Whatever it is, the one who asked must not wait for ever.
            said.put({"failed": f"{type(error).__name__}: {error}", "exit_code": 1})
            raise

    threading.Thread(target=work, name="admin", daemon=True).start()
    while True:
        line = said.get()
        yield json.dumps(line).encode() + b"\n"
        if "say" not in line:
            return
