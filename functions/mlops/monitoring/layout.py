"""Where monitoring keeps what it writes.

records bucket
    monitoring/<model>/state.json            the state, moved by conditional writes
    monitoring/<model>/incidents/<id>.json   each incident
    monitoring/<model>/canaries/<id>.json    what the last look at a canary found
    monitoring/<model>/<window>/report.json  the facts of a window, and the incidents by then
    monitoring/<model>/<window>/report.html  the same for people, of days
    monitoring/<model>/<day>/items.json.gz   the items that a recommender recommended on a day
data bucket
    datasets/<model>/incident-<id>.csv.gz    the dataset that an incident assembled
    datasets/<model>/events-<time>.csv.gz    the dataset that a recommender's events made, received up to that time
    feedback/<model>/…                       feedback files, which may have columns that no record has
"""

import re
from datetime import UTC, datetime

ROOT = "monitoring/"
_EVENTS = re.compile(r"datasets/[^/]+/events-(\d{8}T\d{4}Z)\.csv\.gz")
_MOMENT = "%Y%m%dT%H%MZ"


def state_key(model: str) -> str:
    """The key of a model's state."""
    return f"{ROOT}{model}/state.json"


def incident_prefix(model: str) -> str:
    """The prefix of a model's incidents."""
    return f"{ROOT}{model}/incidents/"


def incident_key(model: str, incident: str) -> str:
    """The key of an incident."""
    return f"{incident_prefix(model)}{incident}.json"


def canary_key(model: str, version: int, started: datetime) -> str:
    """The key of what was found of a canary."""
    return f"{ROOT}{model}/canaries/{started.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-v{version}.json"


def facts_key(model: str, window: str) -> str:
    """The key of a window's facts."""
    return f"{ROOT}{model}/{window}/report.json"


def report_key(model: str, window: str) -> str:
    """The key of a window's report."""
    return f"{ROOT}{model}/{window}/report.html"


def items_key(model: str, day: str) -> str:
    """The key of the items that were recommended on a day."""
    return f"{ROOT}{model}/{day}/items.json.gz"


def dataset_key(model: str, incident: str) -> str:
    """The key of the dataset that an incident assembles; its training starts by itself."""
    return f"datasets/{model}/incident-{incident}.csv.gz"


def events_prefix(model: str) -> str:
    """The prefix of the datasets that a recommender's events made."""
    return f"datasets/{model}/events-"


def events_dataset_key(model: str, until: datetime) -> str:
    """The key of the dataset of the events that were received up to a time; its training starts by itself."""
    return f"{events_prefix(model)}{until.astimezone(UTC).strftime(_MOMENT)}.csv.gz"


def events_until(key: str) -> datetime | None:
    """Up to when the events of a dataset were received; None for any other object."""
    found = _EVENTS.fullmatch(key)
    return datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC) if found else None


def feedback_prefix(model: str) -> str:
    """The prefix of a model's feedback files."""
    return f"feedback/{model}/"
