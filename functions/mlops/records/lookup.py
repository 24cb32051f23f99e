"""One prediction's record, wherever it is by now: the records bucket, or the API's log until it's delivered there."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlops.records.find import LOG_DELAY, find_prediction
from mlops.records.ids import prediction_time

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_DELIVERY = timedelta(hours=1)  # a record is in an object that arrived at most so long before or after its prediction
_SKEW = timedelta(seconds=10)  # between the clocks of a function and of CloudWatch


@dataclass(frozen=True)
class ApiLog:
    """The log group of the API. `client` is boto3's for CloudWatch Logs."""

    client: Any
    group: str

    def records(
        self, pattern: str, start: datetime, end: datetime, most_pages: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """The records of a stretch of time that a filter pattern matches, the oldest first; of so many pages at most.

        CloudWatch ends a page after 1 MB of what it looked through.
        """
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=self.group,
            startTime=int(start.timestamp() * 1000),
            endTime=int(end.timestamp() * 1000),
            filterPattern=pattern,
        )
        for page in islice(pages, most_pages):
            for event in page["events"]:
                yield json.loads(event["message"])

    def find(self, prediction_id: str) -> dict[str, Any] | None:
        """The record of a prediction; None if the log hasn't got it."""
        made = prediction_time(prediction_id)
        found = self.records(f'{{ $.prediction_id = "{prediction_id}" }}', made - _SKEW, made + LOG_DELAY + _SKEW)
        return next(found, None)


@dataclass(frozen=True)
class Found:
    """A record, and whether it was found in the log alone."""

    record: dict[str, Any]
    in_log: bool


def find_record(
    store: "ObjectStore",
    log: ApiLog,
    prediction_id: str,
    models: Sequence[str] | None = None,
    most_bytes: int | None = None,
) -> Found | None:
    """The record of a prediction, of one of the models or any. Raises ValueError for an id that is none.

    All of a day is read only if that's at most so many (compressed) bytes.
    """
    if record := find_prediction(store, prediction_id, models, within=_DELIVERY):
        return Found(record, in_log=False)
    record = log.find(prediction_id)
    if record and (models is None or record.get("model") in models):
        return Found(record, in_log=True)
    # Delivered much later than made, or recovered: all objects of its day are read.
    record = find_prediction(store, prediction_id, models, most_bytes=most_bytes)
    return Found(record, in_log=False) if record else None
