"""What runs, waits or failed: trainings, batches and queues."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.console.readers.batches import BatchReader
from mlops.console.readers.cache import Cache
from mlops.console.readers.queues import QueueReader
from mlops.console.readers.trainings import Trainings
from mlops.console.settings import ConsoleSettings
from mlops.operations.batches import Batches
from mlops.operations.history import History
from mlops.operations.queues import Queues, list_places
from mlops.registry.store import open_store


@dataclass(frozen=True)
class Operations:
    """The readers of what is operated."""

    trainings: Trainings
    batches: BatchReader
    queues: QueueReader


def open_operations(
    settings: ConsoleSettings,
    environ: Mapping[str, str],
    make_client: Callable[..., Any],
    cache: Cache,
    pool: Executor,
    now: Callable[[], datetime],
) -> Operations:
    """The readers, by the console's settings; `make_client` is boto3's."""

    def bucket(name: str) -> Any:
        return open_store(f"s3://{name}", environ)

    history = History(bucket(settings.records_bucket), now)
    machine = Batches(make_client("stepfunctions"), settings.batch_machine, bucket(settings.answers_bucket))
    places = list_places(
        {
            "TrainQueueUrl": settings.train_queue,
            "TrainDeadLettersUrl": settings.train_dead_letters,
            "IngestQueueUrl": settings.ingest_queue,
            "IngestDeadLettersUrl": settings.ingest_dead_letters,
            "MonitorDeadLettersUrl": settings.monitor_dead_letters,
        }
    )
    queues = Queues(places, make_client("sqs"), make_client("cloudwatch"), now)
    data = bucket(settings.data_bucket)
    return Operations(
        trainings=Trainings(data, cache, pool, now, settings.train_attempts, settings.train_retry_delay),
        batches=BatchReader(machine, history, cache, pool),
        queues=QueueReader(queues, history, cache),
    )
