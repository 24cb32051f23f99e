"""Cold starts under AWS's Runtime Interface Emulator: from starting the process to the first answer.

The floor is a bare Python process, without any runtime, that imports NumPy and ONNX Runtime, opens the same model from
a file and scores one row; its clock stops when it has, before the interpreter ends. The functions read the model from
the S3 of this machine. Everyone is started in each round, in turn.
"""

import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.runtime import FunctionConfig, FunctionPool, Launcher, Reaper, find_emulator
from tests.bench.fixture import BUCKET, GRAPH, MODEL, Fixture
from tests.bench.places import HOME, PEERS, PYTHON, ROOT, make_artifacts, make_packages

WARM_CALLS = 30
TIMEOUT = 120  # seconds; a busy machine shows in the figures, not as a failure

_FLOOR = """
import sys
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
session.run(None, {"numbers": numpy.ones((1, int(sys.argv[2])))})
sys.stdout.write("answered")
sys.stdout.flush()
"""

type Measured = dict[str, Any]


@dataclass(frozen=True)
class Function:
    """A function to start: its code, and the layer with what it imports."""

    key: str
    code: Path
    layer: Path
    handler: str


def measure_cold_starts(
    fixture: Fixture, s3: Mapping[str, str], rounds: int, say: Callable[[str], None]
) -> list[Measured]:
    """One entry a round and function, in milliseconds."""
    functions = _make_functions()
    layer = functions[0].layer
    payload = _make_event(fixture)
    environ = {**s3, "MODELS_BUCKET": BUCKET, "DEFAULT_MODEL": MODEL, "POWERTOOLS_SERVICE_NAME": "api"}
    environ["AUTHORIZATION"] = "open"  # as its peers are
    found: list[Measured] = []
    with Reaper() as reaper, Launcher(reaper) as launcher:
        for number in range(rounds + 1):  # the first fills the page cache and isn't counted
            entries = [{"function": "floor", "cold_ms": _start_floor(fixture, layer)}]
            entries += [_start(function, payload, environ, launcher) for function in functions]
            if number:
                found += [{"round": number, **entry} for entry in entries]
                cold = ", ".join(f"{entry['function']} {entry['cold_ms']:,.0f}" for entry in entries)
                say(f"round {number}/{rounds}: {cold} ms")
    return found


def _make_functions() -> Sequence[Function]:
    serving = ROOT / "layers" / "serving"
    ours = make_artifacts("ServingLayer", serving, [serving / "requirements.txt", serving / "Makefile"])
    requirements = PEERS / "lambda.txt"
    peer = HOME / "artifacts" / "peer"
    shutil.rmtree(peer, ignore_errors=True)
    peer.mkdir(parents=True)
    shutil.copyfile(PEERS / "lambda_app.py", peer / "lambda_app.py")
    compiled, plain = (
        make_packages(f"peer-{name}", requirements, compiled=name == "compiled") for name in ("compiled", "plain")
    )
    return [
        Function("ours", make_artifacts("ApiFunction", ROOT / "functions"), ours, "api.handler"),
        Function("sklearn, compiled", peer, compiled, "lambda_app.handler"),
        Function("sklearn, not compiled", peer, plain, "lambda_app.handler"),
    ]


def _make_event(fixture: Fixture) -> bytes:
    event = json.loads((ROOT / "tests" / "events" / "http-post-predict.json").read_text())
    (row,) = fixture.rows(1)
    event["body"] = json.dumps({"rows": [dict(zip(fixture.names, row, strict=True))]})
    event["headers"]["content-length"] = str(len(event["body"]))
    return json.dumps(event).encode()


def _start_floor(fixture: Fixture, layer: Path) -> float:
    command = [PYTHON, "-S", "-P", "-c", _FLOOR, str(fixture.folder / GRAPH), str(len(fixture.names))]
    environ = {"PYTHONPATH": str(layer / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    started = time.perf_counter()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read(len("answered"))
        spent = (time.perf_counter() - started) * 1e3
    assert said == b"answered", said
    return spent


def _start(function: Function, payload: bytes, environ: Mapping[str, str], launcher: Launcher) -> Measured:
    config = FunctionConfig(
        name="bench",
        environment=environ,
        timeout=TIMEOUT,
        memory=1769,
        region=environ["AWS_REGION"],
        handler=function.handler,
        code=function.code,
        layers=(function.layer,),
    )
    home = HOME / "emulator"
    pool = FunctionPool(config, home, find_emulator(home), launcher)
    try:
        started = time.perf_counter()
        first = pool.invoke(payload)
        cold_ms = (time.perf_counter() - started) * 1e3
        answer = json.loads(first.payload)
        if answer.get("statusCode") != 200:
            raise RuntimeError(f"{function.key} answered {answer}; it said {[line.message for line in first.log]}")
        warm = [pool.invoke(payload).duration_ms for _ in range(WARM_CALLS)]
    finally:
        pool.close()
    return {
        "function": function.key,
        "cold_ms": cold_ms,
        "warm_ms": statistics.median(warm),
        "memory_mb": first.max_memory_mb,
    }
