"""Asks many fuzzed requests: `python -m tests.integration.serving.fuzz_process COUNT SEED LOG`.

A process of its own under a memory limit. It prints, as JSON, how often each status was answered, the requests that
broke a bound, and the most memory above idle.
"""

import gc
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from tests.integration.serving.fuzz import requests
from tests.integration.serving.hostile import MIXED, Hostile, numbers
from tests.integration.serving.hostile_process import (
    MEMORY_LIMIT,
    MODEL,
    Context,
    make_event,
    make_handler,
    peak,
    resident,
)

SECONDS = 0.25
LOGGED = 20_000  # bytes of a refusal
ANSWERED = 64_000  # bytes of a problem document


def main(count: int, seed: int, log: Path) -> None:
    """Ask, half of the requests of a model of numbers and half of one of mixed columns."""
    out, sys.stdout = sys.stdout, log.open("a")  # metrics are printed, and count as logged
    log.touch()
    statuses, offences = Counter[int](), list[str]()
    megabytes = 0.0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT + 2**31, MEMORY_LIMIT + 2**31))
    for contract in (numbers(30), MIXED):
        handler = make_handler(contract, log)
        for _ in range(3):
            handler(make_event(Hostile("warm", f"/models/{MODEL}/predict", b'{"rows":[{}]}')), Context())  # type: ignore[arg-type]
        gc.collect()
        gc.freeze()
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
        idle = resident()
        for request in requests(MODEL, contract, seed, count // 2):
            event, before = make_event(request), log.stat().st_size
            started = time.process_time()
            answer = handler(event, Context())  # type: ignore[arg-type]
            seconds, logged = time.process_time() - started, log.stat().st_size - before
            status, answered = answer["statusCode"], len(answer["body"])
            statuses[status] += 1
            is_small = status < 400 or (status < 500 and logged <= LOGGED and answered <= ANSWERED)
            if not is_small or seconds > SECONDS:
                offences.append(f"{request.name}: {status} in {seconds:.3f} s, {answered} bytes, {logged} logged")
        megabytes = max(megabytes, (peak() - idle) / 2**20)
    out.write(json.dumps({"statuses": statuses, "offences": offences, "megabytes": megabytes}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
