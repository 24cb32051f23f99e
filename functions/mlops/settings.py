"""The settings of functions, from their environment: one typed class a function, read once."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from mlops.errors.base import SettingInvalid


class Settings(BaseModel):
    """Settings of a function; each field is the environment variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True)


class TrainSettings(Settings):
    """Settings of the training function; each field is the environment variable of the same name in capitals.

    An empty `mlflow_tracking_uri` means that no MLflow mirrors the registry. `privacy_key` keys the hashes of users'
    ids in the files of recommenders; it must be the API's. `train_machine` is the ARN of the state machine that trains;
    empty, the function trains what it's given itself.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    data_bucket: Annotated[str, Field(min_length=1)]
    mlflow_tracking_uri: str = ""
    code_commit: str = "unknown"
    privacy_key: SecretStr = SecretStr("")
    train_machine: str = ""


class TaskSettings(Settings):
    """Settings of a container that trains; each field is the environment variable of the same name in capitals.

    `train_upload` is EventBridge's event as JSON. All else is as the function `train_function` has it.
    """

    train_function: Annotated[str, Field(min_length=1)]
    train_upload: Annotated[str, Field(min_length=1)]
    train_memory_mb: Annotated[int, Field(ge=512)]
    train_seconds: Annotated[int, Field(ge=60)]


class IngestSettings(Settings):
    """Settings of the ingestion function; each field is the environment variable of the same name in capitals.

    `privacy_key` keys the hashes of columns that name rows in feedback files; it must be the API's.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    data_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: Annotated[str, Field(min_length=1)]
    privacy_key: SecretStr = SecretStr("")


class BatchSettings(Settings):
    """Settings of the batch function; each field is the environment variable of the same name in capitals.

    `batch_concurrency` chunks of a run are scored at once. `privacy_key` keys the hashes of private columns; it and
    what records hold of the inputs must be the API's.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    answers_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: Annotated[str, Field(min_length=1)]
    batch_concurrency: Annotated[int, Field(ge=1)] = 100
    privacy_key: SecretStr = SecretStr("")
    record_inputs: str = "all"
    record_cell_bytes: int = 1024


class MonitorSettings(Settings):
    """Settings of the monitoring function; each field is the environment variable of the same name in capitals.

    Messages to people go to the topic `alarm_topic`. Records take `record_delay_seconds` to arrive. `timeout_seconds`
    is the function's own: a claim of a run holds as long. An empty `mlflow_tracking_uri` means that no MLflow gets
    figures. `privacy_key` keys the hashes of users' ids; it must be the API's.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    data_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: Annotated[str, Field(min_length=1)]
    alarm_topic: Annotated[str, Field(min_length=1)]
    mlflow_tracking_uri: str = ""
    record_delay_seconds: Annotated[int, Field(ge=0)] = 300
    timeout_seconds: Annotated[int, Field(ge=1)] = 900
    privacy_key: SecretStr = SecretStr("")


class CompareSettings(Settings):
    """Settings of the function that compares versions; each field is the environment variable of the same name in
    capitals."""

    models_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: Annotated[str, Field(min_length=1)]


class ReleaseSettings(Settings):
    """Settings of the release function.

    `powertools_metrics_namespace` has the API's own metrics, `keys_table` the API's keys.
    """

    powertools_metrics_namespace: Annotated[str, Field(min_length=1)]
    keys_table: Annotated[str, Field(min_length=1)]


def read_settings[S: BaseModel](kind: type[S], environ: Mapping[str, str]) -> S:
    """The settings in the environment. Raises SettingInvalid, naming the variable, its value and the rule it breaks."""
    given = {name: environ[name.upper()] for name in kind.model_fields if name.upper() in environ}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        secret = kind.model_fields[name].annotation is SecretStr
        raise SettingInvalid(name.upper(), "***" if secret else given.get(name), first["msg"]) from None
