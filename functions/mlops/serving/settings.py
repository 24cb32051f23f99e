"""The settings of the API."""

from typing import Annotated

from pydantic import Field, SecretStr

from mlops.settings import Settings


class ApiSettings(Settings):
    """Settings of the API function; each field is the environment variable of the same name in capitals.

    `follow_seconds` is the least time between two looks at an alias; `max_body_bytes` and `max_answer_bytes` are
    Lambda's limits on a synchronous request and its answer; `max_explained_rows` is how many rows a request may have
    that wants its answers explained; `challenger_milliseconds` is what a challenger in the shadow may add to a request
    on average; `records_bucket` is where feedback goes, and none is taken without it; with `serve_refused_versions`
    requests may name versions that failed their gates; `record_inputs` and `record_cell_bytes` say what prediction
    records hold of the inputs (mlops.serving.recording); `privacy_key` keys the hashes of columns whose privacy rule is
    "hash", which are dropped without it.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: str = ""
    default_model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "diagnosis"
    follow_seconds: Annotated[float, Field(ge=0)] = 3.0
    max_rows: Annotated[int, Field(ge=1)] = 10_000
    max_body_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_answer_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_explained_rows: Annotated[int, Field(ge=1)] = 100
    challenger_milliseconds: Annotated[float, Field(ge=0)] = 2.0
    serve_refused_versions: bool = False
    record_inputs: str = "all"
    record_cell_bytes: int = 1024
    privacy_key: SecretStr = SecretStr("")
