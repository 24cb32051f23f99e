"""One prediction by its id: the id holds its time, the time names the day, and objects' names say which come first."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from mlops.errors.records import ObjectDamaged
from mlops.records.ids import prediction_time
from mlops.records.layout import PREDICTION, arrival_time
from mlops.records.objects import fetch_objects, list_models, list_objects, unzip_lines
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LOG_DELAY = timedelta(minutes=1)
"""How long after making an id the function may write its record: no request lasts longer."""


def find_prediction(
    store: "ObjectStore",
    prediction_id: str,
    models: Sequence[str] | None = None,
    within: timedelta | None = None,
    most_bytes: int | None = None,
) -> dict[str, Any] | None:
    """The record of a prediction, of one of the models or any; None if there is none, or none yet.

    Reads the objects of the id's day, those first that arrived nearest to its time; with `within` none that arrived
    further from it, with `most_bytes` no model's that have more together. Raises ValueError for an id that is no
    version 7 UUID.
    """
    made = prediction_time(prediction_id)
    days = Window(made, made + LOG_DELAY).days
    for model in list_models(store, PREDICTION) if models is None else models:
        objects = sorted(list_objects(store, PREDICTION, model, days), key=lambda found: _distance(found[0], made))
        if within is not None:
            objects = [each for each in objects if _distance(each[0], made)[0] <= within.total_seconds()]
        if most_bytes is not None and sum(size for _, size in objects) > most_bytes:
            continue
        for fetched in fetch_objects(store, objects):
            record = _find_line(fetched.content or b"", prediction_id)
            if record is not None:
                return record
    return None


def _distance(key: str, made: datetime) -> tuple[float, str]:
    arrival = arrival_time(key)
    return (float("inf") if arrival is None else abs((arrival - made).total_seconds())), key


def _find_line(content: bytes, prediction_id: str) -> dict[str, Any] | None:
    found = records_with(content, prediction_id.encode())
    return next((record for record in found if record.get("prediction_id") == prediction_id), None)


def records_with(content: bytes, text: bytes) -> Iterator[dict[str, Any]]:
    """The lines of an object's compressed content that have a text somewhere, as far as they can be read."""
    try:
        for block in unzip_lines(content):
            place = block.find(text)
            while place >= 0:
                start, end = block.rfind(b"\n", 0, place) + 1, block.find(b"\n", place)
                record = parse_line(block[start : end if end >= 0 else None])
                if record is not None:
                    yield record
                place = block.find(text, end) if end >= 0 else -1
    except ObjectDamaged:
        return  # the lines before the damage were looked through; readers of the window report the object


def parse_line(line: bytes) -> dict[str, Any] | None:
    """A line's record; None if it isn't one."""
    try:
        found = from_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
