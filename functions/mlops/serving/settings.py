"""The settings of the API."""

from typing import Annotated, Literal

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

    `offer_explanations`, `offer_versions` and `offer_docs` switch off what an API doesn't offer to anybody: explained
    answers, particular versions, and /docs with /openapi.json. `answer_digits` are the decimals of probabilities and
    the significant digits of values and recommenders' scores that answers have; 0 for all. Records have all of them.

    `default_recommender` answers POST /recommend; `history_table` is the DynamoDB table that keeps users' recent events
    for `history_days`, and nothing is kept without it; `explore_share` is the part of the recommendations that are
    drawn at random. With `show_histories` recommendations come with the user's recent events, unless ids of users are
    dropped: nobody may ask what one of them did then.

    With `authorization` "keys" each request but GET /health needs a key or token (mlops.authorization.settings), with
    "iam" a signature that API Gateway or the function URL has verified; "open" lets anybody ask.
    `key_requests_per_second` is how often a key may ask one process on average; 0 for no limit.
    """

    models_bucket: Annotated[str, Field(min_length=1)]
    records_bucket: str = ""
    default_model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "diagnosis"
    default_recommender: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "recommender"
    history_table: str = ""
    history_days: Annotated[float, Field(gt=0)] = 90.0
    explore_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    show_histories: bool = False
    follow_seconds: Annotated[float, Field(ge=0)] = 3.0
    max_rows: Annotated[int, Field(ge=1)] = 10_000
    max_body_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_answer_bytes: Annotated[int, Field(ge=1)] = 6_000_000
    max_explained_rows: Annotated[int, Field(ge=1)] = 100
    challenger_milliseconds: Annotated[float, Field(ge=0)] = 2.0
    serve_refused_versions: bool = False
    offer_explanations: bool = True
    offer_versions: bool = True
    offer_docs: bool = True
    answer_digits: Annotated[int, Field(ge=0, le=15)] = 0
    record_inputs: str = "all"
    record_cell_bytes: int = 1024
    privacy_key: SecretStr = SecretStr("")
    authorization: Literal["keys", "iam", "open"] = "keys"
    key_requests_per_second: Annotated[float, Field(ge=0)] = 0.0
