"""The settings of the console."""

from typing import Annotated

from pydantic import Field

from mlops.settings import Settings


class ConsoleSettings(Settings):
    """Settings of the console's function; each field is the environment variable of the same name in capitals.

    `keys_table` has the API's keys, `sessions_table` one-time links, ended sessions and the secret that signs cookies.
    Trainings are those of `data_bucket`, tried `train_attempts` times, `train_retry_delay` seconds after the start of
    the try before; batches those of the state machine `batch_machine`, with answers in `answers_bucket`. Queues and
    dead letters are named by URL. Monitoring runs by the schedule `monitor_schedule`, batches by those of the group
    `batch_schedules`.
    Metrics are those of the namespace `powertools_metrics_namespace`: the stack's name, with which the names of saved
    queries begin too. `api_log_group` has the newest predictions; `try_function` answers those who try a model,
    `compare_function` compares versions row by row.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    data_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: Annotated[str, Field(min_length=1)]
    keys_table: Annotated[str, Field(min_length=1)]
    sessions_table: Annotated[str, Field(min_length=1)]
    powertools_metrics_namespace: Annotated[str, Field(min_length=1)]
    monitor_schedule: Annotated[str, Field(min_length=1)]
    batch_schedules: Annotated[str, Field(min_length=1)]
    answers_bucket: Annotated[str, Field(min_length=1)]
    batch_machine: Annotated[str, Field(min_length=1)]
    train_queue: Annotated[str, Field(min_length=1)]
    train_dead_letters: Annotated[str, Field(min_length=1)]
    ingest_queue: Annotated[str, Field(min_length=1)]
    ingest_dead_letters: Annotated[str, Field(min_length=1)]
    monitor_dead_letters: Annotated[str, Field(min_length=1)]
    train_attempts: Annotated[int, Field(ge=1)]
    train_retry_delay: Annotated[int, Field(ge=0)]
    api_log_group: Annotated[str, Field(min_length=1)]
    try_function: Annotated[str, Field(min_length=1)]
    compare_function: Annotated[str, Field(min_length=1)]
