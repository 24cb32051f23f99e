"""What tasks of ECS and jobs of AWS Batch run in tests: the first argument says what."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def describe() -> None:
    names = ("FROM_IMAGE", "GIVEN", "CHANGED", "AWS_REGION", "AWS_EXECUTION_ENV")
    print(json.dumps({"folder": str(Path.cwd()), **{name: os.environ.get(name) for name in names}}))
    print("an error line", file=sys.stderr)


def environ() -> None:
    print(json.dumps({name: value for name, value in os.environ.items() if name.startswith("AWS_BATCH_")}))


def leave_at() -> None:
    """Leave with the code of this attempt: the second argument has those of all, with commas between them."""
    sys.exit(int(sys.argv[2].split(",")[int(os.environ["AWS_BATCH_JOB_ATTEMPT"]) - 1]))


def leave() -> None:
    sys.exit(int(sys.argv[2]))


def wait() -> None:
    def stop(*_: Any) -> None:
        print("told to stop")
        sys.exit(3)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2:] == ["stubbornly"] else stop)
    print("waiting", flush=True)
    while True:
        time.sleep(0.05)


def grow() -> None:
    held = bytearray(700 * 2**20)
    for place in range(0, len(held), 4096):
        held[place] = 1
    time.sleep(30)


def put() -> None:
    import boto3

    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="by-task", Body=b"x")


def handler(event: dict[str, Any], context: Any) -> str:
    """The function's answer."""
    return "a function"


if __name__ == "__main__":
    commands = (describe, environ, grow, leave, leave_at, put, wait)
    {command.__name__: command for command in commands}[sys.argv[1]]()
