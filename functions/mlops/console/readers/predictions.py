"""Prediction records: the newest ones, one by its id, and its truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore
from botocore.exceptions import BotoCoreError, ClientError

from mlops.console.readers.cache import Cache
from mlops.console.readers.registry import SECONDS
from mlops.contract import Contract
from mlops.errors.records import ObjectDamaged
from mlops.records.find import find_prediction, parse_line
from mlops.records.layout import PREDICTION, SUFFIX, day_prefix, kind_prefix
from mlops.records.lookup import ApiLog, Found, find_record
from mlops.records.objects import fetch_objects, unzip_lines
from mlops.records.one_truth import Truths, find_truths

if TYPE_CHECKING:
    from obstore.store import ObjectStore

type Record = Mapping[str, Any]

MOST = 40
"""The newest predictions that are shown."""
_STRETCHES = (timedelta(seconds=15), timedelta(minutes=2), timedelta(minutes=15))
"""How far the log is looked back in, further only while too few were found."""
_AHEAD = timedelta(seconds=10)  # of this clock, others may be
_MOST_PAGES = 4  # of the log, in a stretch
_LOG_SECONDS, _BUCKET_SECONDS = 2.0, 30.0
_MOST_SEARCHED = 200_000_000  # compressed bytes of the day of an id, which take some ten seconds
_MOST_DAYS, _MOST_OBJECTS, _MOST_BYTES = 5, 12, 16_000_000  # compressed bytes of all objects


@dataclass(frozen=True)
class Newest:
    """The newest predictions, the newest first. Without the log they're minutes old: `from_log` is False."""

    records: Sequence[Record]
    from_log: bool


class Predictions:
    """Reads records of the records bucket, and of the API's log until they're delivered there.

    `warn` is called where the log can't be read.
    """

    def __init__(self, store: "ObjectStore", log: ApiLog, cache: Cache, warn: Callable[[str], None]) -> None:
        self._store, self._log, self._cache, self._warn = store, log, cache, warn

    def newest(self, model: str, now: datetime) -> Newest:
        """The newest predictions of a model."""
        logged = self._cache.get(("logged", model), _LOG_SECONDS, lambda: self._read_log(model, now))
        found = {str(each.get("prediction_id")): each for each in logged or ()}
        if len(found) < MOST:
            for each in self._cache.get(("delivered", model), _BUCKET_SECONDS, lambda: self._read_bucket(model)):
                found.setdefault(str(each.get("prediction_id")), each)
        newest = sorted(found.values(), key=lambda each: str(each.get("timestamp")), reverse=True)
        return Newest(newest[:MOST], from_log=logged is not None)

    def find(self, model: str, prediction_id: str) -> Found | None:
        """The record of a prediction of the model. Raises ValueError for an id that is none."""
        return self._cache.get(("prediction", model, prediction_id), SECONDS, lambda: self._find(model, prediction_id))

    def truths(self, record: Record, contract: Contract, key: Sequence[str], today: date) -> Truths:
        """What is known of a prediction's truth."""
        name = ("truths", record["model"], record["prediction_id"])
        return self._cache.get(name, SECONDS, lambda: find_truths(self._store, record, contract, today, key=key))

    def _find(self, model: str, prediction_id: str) -> Found | None:
        try:
            return find_record(self._store, self._log, prediction_id, [model], _MOST_SEARCHED)
        except (ClientError, BotoCoreError) as error:
            self._warn(f"the API's log can't be read: {error}")
        record = find_prediction(self._store, prediction_id, [model], most_bytes=_MOST_SEARCHED)
        return Found(record, in_log=False) if record else None

    def _read_log(self, model: str, now: datetime) -> Sequence[Record] | None:
        """The newest records that the log has, at least MOST of them if it has so many; None if it can't be read."""
        pattern = f'{{ $.record = "prediction" && $.model = "{model}" }}'
        found: list[Record] = []
        try:
            for stretch in _STRETCHES:
                found = [*self._log.records(pattern, now - stretch, now + _AHEAD, _MOST_PAGES)]
                if len(found) >= MOST:
                    break
        except (ClientError, BotoCoreError) as error:
            self._warn(f"the API's log can't be read: {error}")
            return None
        return found

    def _read_bucket(self, model: str) -> Sequence[Record]:
        """The newest records that were delivered, of the last days that have any."""
        root = f"{kind_prefix(PREDICTION)}model={model}/"
        days = sorted(obstore.list_with_delimiter(self._store, root)["common_prefixes"], reverse=True)
        found: list[Record] = []
        room = _MOST_BYTES
        for prefix in days[:_MOST_DAYS]:
            day = date.fromisoformat(prefix.rstrip("/").rpartition("day=")[2])
            for key, size in self._newest_objects(model, day):
                room -= size
                if len(found) >= MOST or room < 0:
                    return found
                (fetched,) = fetch_objects(self._store, [(key, size)])
                found += _last_records(fetched.content or b"", self._warn)
        return found

    def _newest_objects(self, model: str, day: date) -> list[tuple[str, int]]:
        """The objects of a day that were written last, the latest first."""
        listed = [each for page in obstore.list(self._store, day_prefix(PREDICTION, model, day)) for each in page]
        objects = [each for each in listed if each["path"].endswith(SUFFIX)]
        objects.sort(key=lambda each: (each["last_modified"], each["path"]), reverse=True)
        return [(each["path"], each["size"]) for each in objects[:_MOST_OBJECTS]]


def _last_records(content: bytes, warn: Callable[[str], None]) -> list[Record]:
    """The last records of an object; of one that breaks off, the last before that."""
    lines: list[bytes] = []
    try:
        for block in unzip_lines(content):
            lines = [*lines, *block.splitlines()][-MOST:]
    except ObjectDamaged as error:
        warn(f"an object of records is damaged: {error}")
    return [record for line in lines if (record := parse_line(line)) is not None]
