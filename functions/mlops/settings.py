"""The settings of each function from its environment variables: one typed class a function, read once."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from mlops.errors import SettingInvalid


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True)


class ApiSettings(_Settings):
    """Settings of the API function; each field is the environment variable of the same name in capitals.

    `follow_seconds` is the least time between two looks at an alias; `max_body_bytes` and `max_answer_bytes` are
    Lambda's limits on a synchronous request and its answer; `max_explained_rows` is how many rows a request may have
    that wants its answers explained; `challenger_milliseconds` is what a challenger in the shadow may add to a request
    on average; `privacy_key` keys the hashes of columns whose privacy
    rule is "hash", which are dropped without it.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    default_model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "diagnosis"
    follow_seconds: Annotated[float, Field(ge=0)] = 3.0
    max_rows: Annotated[int, Field(ge=1)] = 10_000
    max_body_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_answer_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_explained_rows: Annotated[int, Field(ge=1)] = 100
    challenger_milliseconds: Annotated[float, Field(ge=0)] = 2.0
    privacy_key: SecretStr = SecretStr("")


class TrainSettings(_Settings):
    """Settings of the training function; each field is the environment variable of the same name in capitals.

    An empty `mlflow_tracking_uri` means that no MLflow mirrors the registry.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    data_bucket: Annotated[str, Field(min_length=1)]
    mlflow_tracking_uri: str = ""
    code_commit: str = "unknown"


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
