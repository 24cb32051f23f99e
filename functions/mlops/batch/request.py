"""What a run is asked for: the input of the state machine."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mlops.contract import MODEL_NAME
from mlops.errors.batch import BatchRejected

_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.+)")
MAX_RECORDS = 100_000


class BatchRequest(BaseModel):
    """A run of batch predictions.

    `input` is the address of a file, or of all files under a prefix that ends in "/"; "{date}" in it is the day of
    `time`, the time of a schedule. `version` is a number or an alias, which is resolved when the run starts. `output`
    is a prefix in the answers bucket. `key` are columns of the files that the answers repeat; those that name the
    model's rows otherwise. Of at most about `records` rows the prediction is recorded for monitoring.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[str, Field(pattern=rf"^{MODEL_NAME.pattern}$")]
    input: str
    version: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,63}$")] = "champion"
    output: str | None = None
    format: Literal["parquet", "csv"] = "parquet"
    explain: bool = False
    key: tuple[str, ...] | None = None
    records: Annotated[int, Field(ge=0)] = MAX_RECORDS
    chunk_rows: Annotated[int, Field(ge=1)] | None = None
    tolerated_failure_percentage: Annotated[float, Field(ge=0, le=100)] = 10
    time: AwareDatetime | None = None

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """The request in a state machine's input. Raises BatchRejected, naming the field and the rule it breaks."""
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise BatchRejected(f"{place or 'the request'}: {first['msg']}, not {first['input']!r}") from None

    def source(self, now: datetime) -> "Address":
        """Where the input lies. Raises BatchRejected."""
        moment = (self.time or now).astimezone(UTC)
        return Address.parse("input", self.input.replace("{date}", moment.date().isoformat()))

    def destination(self, bucket: str) -> str | None:
        """The prefix of the answers in the answers bucket; None for the usual one. Raises BatchRejected."""
        if self.output is None:
            return None
        place = Address.parse("output", self.output.rstrip("/") + "/")
        if place.bucket != bucket:
            raise BatchRejected(
                f"output is in the bucket {place.bucket}; answers can be written to s3://{bucket}/ alone"
            )
        if place.key.startswith("runs/"):
            raise BatchRejected("output must not lie under runs/, where runs keep their state")
        return place.key


class Address(BaseModel):
    """A place in S3."""

    model_config = ConfigDict(frozen=True)

    bucket: str
    key: str

    @classmethod
    def parse(cls, field: str, uri: str) -> Self:
        """The place of an address. Raises BatchRejected, which names the field of the request."""
        match = _ADDRESS.fullmatch(uri)
        if match is None:
            raise BatchRejected(
                f"{field} is {uri!r}; write s3://bucket/key, or s3://bucket/prefix/ for all files in it"
            )
        return cls(**match.groupdict())
