"""Measures what each hostile body costs: `python -m tests.integration.serving.hostile_process KIND LOG`.

A process under a memory limit answers each body in a fork of its own, so that no body finds memory that another one
left. Its peak is measured from where the process stood before it (`VmHWM` after it was reset), its time by the
processor's clock of the process, so that a busy machine doesn't count.
"""

import asyncio
import base64
import ctypes
import gc
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mangum import Mangum

from mlops.contract import Contract
from mlops.registry.store import open_store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from tests.integration.serving.hostile import MIXED, Hostile, bodies, numbers
from tests.unit.mlops.serving.artifacts import promote, put_version, regression

MEMORY_LIMIT = 1_769 * 2**20  # what the function has
MODEL = "target"
_EVENT = Path(__file__).parents[2] / "events" / "http-post-predict.json"


@dataclass(frozen=True)
class Cost:
    """What one body cost. `seconds` of processor time, `megabytes` above idle, `logged` bytes written to the log."""

    name: str
    path: str
    status: int
    seconds: float
    megabytes: float
    logged: int
    answered: int


class Context:
    """The part of Lambda's context that the API reads."""

    aws_request_id = "id"


def make_event(hostile: Hostile) -> dict[str, Any]:
    """The API Gateway event that brings a body."""
    event: dict[str, Any] = json.loads(_EVENT.read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = hostile.path
    event["headers"] = {
        "content-type": hostile.content_type,
        "content-length": str(len(hostile.body)),
        **hostile.headers,
    }
    return event | {"body": base64.b64encode(hostile.body).decode(), "isBase64Encoded": True}


def peak() -> int:
    """The most memory that the process had since it was last reset, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def resident() -> int:
    """The memory of the process now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(handler: Mangum, hostile: Hostile, log: Path) -> Cost:
    """Ask once, and read what it took."""
    event = make_event(hostile)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # memory that was freed would hide what the body takes
    before_log = log.stat().st_size
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
    idle = resident()
    started = time.process_time()
    answer = handler(event, Context())  # type: ignore[arg-type]
    seconds = time.process_time() - started
    return Cost(
        name=hostile.name,
        path=hostile.path,
        status=answer["statusCode"],
        seconds=seconds,
        megabytes=(peak() - idle) / 2**20,
        logged=log.stat().st_size - before_log,
        answered=len(answer["body"]),
    )


def make_handler(contract: Contract, log: Path) -> Mangum:
    """The handler on a model with the contract, its log in a file."""
    store = open_store("memory://")
    graph, golden_rows = regression(contract)
    put_version(store, 1, model=MODEL, contract=contract, graph=graph, golden_rows=golden_rows)
    promote(store, 1, MODEL)
    settings = ApiSettings(models_bucket="models", default_model=MODEL, follow_seconds=3600, authorization="open")
    serving_log = ServingLog(make_logger(log.open("a")), "", Recording())
    models = ServedModels(store, settings, serving_log)
    models.warm_up()
    asyncio.set_event_loop(asyncio.new_event_loop())
    return Mangum(create_app(settings, store, models, serving_log), lifespan="off")


def _every_door(contract: Contract) -> list[Hostile]:
    """A refused body through each door, large enough for the imports of large ones."""
    blanks = b" " * 5_000
    return [
        Hostile("warm", f"/models/{MODEL}/predict", b'{"rows":[{}]}' + blanks),
        Hostile("warm", f"/v2/models/{MODEL}/infer", b'{"inputs":[]}' + blanks),
        Hostile("warm", "/invocations", b'{"instances":[[]]}' + blanks),
        Hostile("warm", "/invocations", ",".join(contract.names).encode() + blanks, "text/csv"),
    ]


def main(kind: str, log: Path) -> None:
    """Print, as a JSON line each, what the bodies for a model of `kind` cost: "mixed", or a number of columns."""
    out, sys.stdout = sys.stdout, log.open("a")  # metrics are printed, and count as logged
    contract = MIXED if kind == "mixed" else numbers(int(kind))
    log.touch()
    handler = make_handler(contract, log)
    warm = Hostile("warm", f"/models/{MODEL}/predict", b'{"rows":[{}]}')
    for each in (warm, *_every_door(contract)):
        handler(make_event(each), Context())  # type: ignore[arg-type]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT + 2**31, MEMORY_LIMIT + 2**31))
    for hostile in bodies(MODEL, contract, is_default=True):
        print(_measure_apart(handler, hostile, log, warm), file=out, flush=True)


def _measure_apart(handler: Mangum, hostile: Hostile, log: Path, warm: Hostile) -> str:
    """The cost of a body as JSON, measured in a fork."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        handler(make_event(warm), Context())  # type: ignore[arg-type]
        os.write(write_end, json.dumps(asdict(measure(handler, hostile, log))).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        line = answer.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{hostile.name!r} ended the process with status {status}")
    return line


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
