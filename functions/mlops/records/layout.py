"""Where records lie in the records bucket: Hive partitions by kind, model and day, which Athena and DuckDB read too.

records/kind=prediction/model=<m>/day=<YYYY-MM-DD>/<name>.json.gz   by Firehose; the day is the record's `timestamp`'s
records/kind=recommendation/…                                       likewise, of recommendations
records/kind=feedback/model=<m>/day=<YYYY-MM-DD>/<digest>.json.gz   by the API; the day is when the truths were received
records/kind=event/model=<m>/day=<YYYY-MM-DD>/<digest>.json.gz      by the API; the same of events of users
feedback-files/model=<m>/<digest>/…                                 what became of a feedback file
"""

import re
from datetime import UTC, date, datetime
from typing import Literal

type Kind = Literal["prediction", "recommendation", "feedback", "event", "rejection", "refusal", "adoption", "failure"]

PREDICTION: Kind = "prediction"
FEEDBACK: Kind = "feedback"
EVENT: Kind = "event"
RECOMMENDATION: Kind = "recommendation"
SUFFIX = ".json.gz"
# Firehose names an object <stream>-<version>-YYYY-MM-DD-HH-MM-SS-<random>, by its first record's arrival.
_ARRIVAL = re.compile(r"-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-[^/]*$")


def kind_prefix(kind: Kind) -> str:
    """The prefix of all records of a kind."""
    return f"records/kind={kind}/"


def day_prefix(kind: Kind, model: str, day: date) -> str:
    """The prefix of a model's records of a kind and a day."""
    return f"{kind_prefix(kind)}model={model}/day={day.isoformat()}/"


def feedback_key(model: str, received: date, digest: str) -> str:
    """The key of an object of feedback lines; `digest` is that of the truths in it."""
    return f"{day_prefix(FEEDBACK, model, received)}{digest}{SUFFIX}"


def events_key(model: str, received: date, digest: str) -> str:
    """The key of an object of events; `digest` is theirs."""
    return f"{day_prefix(EVENT, model, received)}{digest}{SUFFIX}"


def file_prefix(model: str, digest: str) -> str:
    """The prefix of what is kept of a feedback file: its claim, its rejected rows, its report."""
    return f"feedback-files/model={model}/{digest}/"


def arrival_time(key: str) -> datetime | None:
    """When the first record of an object that Firehose wrote arrived there, UTC; None if the name doesn't say it."""
    match = _ARRIVAL.search(key)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
