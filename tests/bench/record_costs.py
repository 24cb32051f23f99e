"""What do prediction records and feedback cost on AWS, by what is recorded of the inputs?

Run: PYTHONPATH=functions:scripts .venv/bin/python -m tests.bench.record_costs

The records are those that the API logs for the rows of the diagnosis example, in requests of one row; their sizes are
measured, and multiplied by the list prices below. Look these up before you rely on them.
"""

import asyncio
import csv
import gzip
import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from aws_lambda_powertools.logging import Logger
from mangum import Mangum
from obstore.store import MemoryStore

from examples import write_diagnosis
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from models.diagnosis import spec
from tests.unit.mlops.serving.artifacts import linear_graph, probability, promote, put_version

EVENT = Path(__file__).parents[1] / "events" / "http-get-health.json"
SETTINGS = ("all", "0.1", "none")
PREDICTIONS = 5_000
MILLION = 1_000_000

# US dollars in us-east-1, as of 2025.
LOGS_GB = 0.50  # CloudWatch Logs, taken in
FIREHOSE_GB = 0.029  # direct put; each record counts as a multiple of 5 kB
FIREHOSE_LEAST = 5_000  # bytes
FIREHOSE_UNZIP_GB = 0.00325
FIREHOSE_PARTITION_GB = 0.02
S3_GB_MONTH = 0.023
S3_PUT = 0.005 / 1_000
EVENT_EACH = 1 / MILLION  # S3's events through EventBridge


@dataclass(frozen=True)
class Sizes:
    """Bytes of a record: of its log line, and of that in a gzipped object of many."""

    line: float
    zipped: float


@dataclass(frozen=True)
class Cost:
    """US dollars for a million predictions. Firehose's is less, the more records CloudWatch sends it at once."""

    logs: float
    busy: float
    idle: float
    storage: float

    @classmethod
    def of(cls, sizes: Sizes) -> "Cost":
        """The cost of a million records of these sizes."""
        unzipped = sizes.line * MILLION / 1e9
        passed = unzipped * (FIREHOSE_UNZIP_GB + FIREHOSE_PARTITION_GB)
        return cls(
            logs=unzipped * LOGS_GB,
            busy=passed + sizes.zipped * MILLION / 1e9 * FIREHOSE_GB,
            idle=passed + FIREHOSE_LEAST * MILLION / 1e9 * FIREHOSE_GB,
            storage=sizes.zipped * MILLION / 1e9 * S3_GB_MONTH,
        )


def read_rows() -> list[dict[str, float]]:
    """The example's rows in the model's columns."""
    with TemporaryDirectory() as folder:
        text = write_diagnosis(Path(folder)).read_text()
    names = spec.contract.names
    return [{name: float(row[name]) for name in names} for row in csv.DictReader(io.StringIO(text))]


def measure(setting: str, rows: list[dict[str, float]], logger: Logger, printed: io.BytesIO) -> Sizes:
    """The sizes of the records that the API logs under a setting, to `printed`."""
    store = MemoryStore()
    names = spec.contract.names
    chance = [probability({"mean radius": row[names[0]], "mean texture": row[names[1]]}) for row in rows[:5]]
    golden = json.dumps({"rows": rows[:5], "probabilities": [[1 - each, each] for each in chance]}).encode()
    put_version(store, 1, contract=spec.contract, graph=linear_graph(columns=len(names)), golden_rows=golden)
    promote(store, 1)
    settings = ApiSettings(models_bucket="models", authorization="open")
    log = ServingLog(logger, "", Recording.from_settings(setting, settings.record_cell_bytes))
    models = ServedModels(store, settings, log)
    models.warm_up()
    handler = Mangum(create_app(settings, store, models, log), lifespan="off")
    request = json.loads(EVENT.read_text())
    request["rawPath"] = request["requestContext"]["http"]["path"] = "/predict"
    request["requestContext"]["http"]["method"] = "POST"
    request["headers"]["content-type"] = "application/json"
    draw, start = Random(0), printed.tell()
    for number in range(PREDICTIONS):
        request["body"] = json.dumps({"rows": [rows[number % len(rows)]]})
        request["requestContext"]["requestId"] = f"{draw.getrandbits(72):018x}"
        answer: Any = handler(request, _Context(str(UUID(int=draw.getrandbits(128), version=4))))  # type: ignore[arg-type]
        assert answer["statusCode"] == 200, answer
    lines = printed.getvalue()[start:]
    assert lines.count(b"\n") == PREDICTIONS
    return Sizes(len(lines) / PREDICTIONS, len(gzip.compress(lines)) / PREDICTIONS)


@dataclass(frozen=True)
class _Context:
    aws_request_id: str


def main() -> None:
    """Print a table for docs/records.md."""
    rows, printed = read_rows(), io.BytesIO()
    logger = make_logger(io.TextIOWrapper(printed, write_through=True))
    asyncio.set_event_loop(asyncio.new_event_loop())
    with redirect_stdout(io.StringIO()):  # the lines of metrics
        found = {setting: measure(setting, rows, logger, printed) for setting in SETTINGS}
    print("| inputs | bytes | gzipped | CloudWatch Logs | Firehose, busy to idle | S3, a month | together |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for setting, sizes in found.items():
        cost = Cost.of(sizes)
        low, high = (cost.logs + firehose + cost.storage for firehose in (cost.busy, cost.idle))
        cells = [f"{sizes.line:,.0f}", f"{sizes.zipped:,.0f}", f"{cost.logs:.2f}"]
        cells += [f"{cost.busy:.2f} to {cost.idle:.2f}", f"{cost.storage:.3f}", f"{low:.2f} to {high:.2f}"]
        print("|", " | ".join([setting, *cells]), "|")
    feedback = f"{MILLION * S3_PUT:.2f} to store, {MILLION * EVENT_EACH:.2f} for their events"
    print(f"A million requests of feedback: {feedback}")


if __name__ == "__main__":
    main()
