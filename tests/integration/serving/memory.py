"""Measures the memory that requests leave behind: `python -m tests.integration.serving.memory 100000`.

A process of its own, since pytest keeps every log record that it sees.
"""

import asyncio
import gc
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from mangum import Mangum

from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from tests.integration.serving.trained import train_diagnosis

EVENT = Path(__file__).parents[2] / "events" / "http-post-predict.json"
WARM = 2_000
# Of so many requests one is refused, finds nothing, or is explained, and one goes through each other protocol: those
# cost many times what POST /predict costs.
ROUND = 25


class Context:
    """The part of Lambda's context that the API reads."""

    aws_request_id = "id"


def make_events() -> list[dict[str, Any]]:
    """A request through each protocol, one that is refused, and one that finds nothing."""
    (row,) = json.loads(json.loads(EVENT.read_text())["body"])["rows"]
    inputs = [{"name": name, "datatype": "FP64", "shape": [1], "data": [cell]} for name, cell in row.items()]
    asked: dict[str, Any] = {
        "/predict": {"rows": [row]},
        "/invocations": {"inputs": row},
        "/v2/models/diagnosis/infer": {"inputs": inputs},
        "/models/diagnosis/predict": {"rows": [{}]},
        "/models/diagnosis/versions/9/predict": {"rows": [row]},
    }
    events = []
    for path, body in asked.items():
        event = json.loads(EVENT.read_text()) | {"rawPath": path, "body": json.dumps(body)}
        event["requestContext"]["http"]["path"] = path
        event["headers"]["content-length"] = str(len(event["body"]))
        events.append(event)
    return events


def make_handler(sink: TextIO) -> Mangum:
    """The handler on a trained model, its log thrown away."""
    settings = ApiSettings(models_bucket="models", follow_seconds=3600, authorization="open")
    log = ServingLog(make_logger(sink), "", Recording())
    store = train_diagnosis().store
    models = ServedModels(store, settings, log)
    models.warm_up()
    asyncio.set_event_loop(asyncio.new_event_loop())
    return Mangum(create_app(settings, store, models, log), lifespan="off")


def measure() -> tuple[int, int]:
    """The blocks of memory that Python holds, and the bytes that the process has in memory."""
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return sys.getallocatedblocks(), resident


def main(requests: int) -> None:
    """Print, as JSON, how often each status was answered, and what is held more after so many more requests."""
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process lives
    handler = make_handler(sys.stdout)
    *good, refused, missing = make_events()
    explained = good[0] | {"rawQueryString": "explain=true"}

    def ask(count: int) -> Counter[int]:
        seen = Counter[int]()
        for index in range(count):
            turn, place = divmod(index, ROUND)
            event = good[place] if place < len(good) else good[0]
            if place == ROUND - 1:
                event = (refused, missing, explained)[turn % 3]
            seen[handler(event, Context())["statusCode"]] += 1  # type: ignore[arg-type]
        return seen

    ask(WARM)
    blocks, resident = measure()
    statuses = ask(requests)
    after = measure()
    out.write(json.dumps({"statuses": statuses, "blocks": after[0] - blocks, "bytes": after[1] - resident}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
