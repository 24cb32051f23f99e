"""Prediction ids: version 7 UUIDs (RFC 9562), whose first 48 bits are the milliseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

PREDICTION_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def prediction_time(prediction_id: str) -> datetime:
    """When the id was made, UTC, to the millisecond. Raises ValueError if it's no version 7 UUID in lower case."""
    if not PREDICTION_ID.fullmatch(prediction_id):
        raise ValueError(f"{prediction_id!r} isn't a version 7 UUID")
    milliseconds = int(prediction_id[:8] + prediction_id[9:13], 16)
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # 48 bits reach beyond the year 9999
        raise ValueError(f"{prediction_id!r} holds a time after the year 9999") from None
