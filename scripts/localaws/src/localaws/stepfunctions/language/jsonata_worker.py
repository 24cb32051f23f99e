"""A process that evaluates JSONata, so that no expression can hold up or use up local AWS.

It reads requests from its standard input and writes answers to its standard output, each the length of its JSON in 8
bytes and the JSON: `[template, variables, epoch seconds, field]`, answered by `{"value": …}` or the error's members.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from typing import Any, BinaryIO

from localaws.stepfunctions.language.errors import DataError
from localaws.stepfunctions.language.jsonata import Known, fill

LENGTH_BYTES = 8
# The signal that ends the process when an evaluation has used up its time.
OUT_OF_TIME = signal.SIGPROF
_LARGEST_MEMORY = 1024**3


def message(value: Any) -> bytes:
    """A request or an answer as it's sent."""
    content = json.dumps(value).encode()
    return len(content).to_bytes(LENGTH_BYTES) + content


def main() -> None:
    """Answer requests until the standard input ends; the argument is the CPU time of each, in seconds."""
    seconds = float(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (_LARGEST_MEMORY, _LARGEST_MEMORY))
    while request := _read(sys.stdin.buffer):
        # The time is that of the process, so that a busy machine fails no expression.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _read(stream: BinaryIO) -> bytes:
    return stream.read(int.from_bytes(stream.read(LENGTH_BYTES)))


def _answer(request: bytes) -> bytes:
    template, variables, now, field = json.loads(request)
    try:
        return message({"value": fill(template, Known(variables, now), field)})
    except DataError as error:
        return message({"error": error.error, "cause": error.cause, "location": error.location})


if __name__ == "__main__":
    main()
