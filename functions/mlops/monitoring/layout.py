"""Where monitoring keeps what it writes.

records bucket
    monitoring/<model>/state.json            the state, moved by conditional writes
    monitoring/<model>/incidents/<id>.json   each incident
    monitoring/<model>/<window>/report.json  the facts of a window, and the incidents by then
    monitoring/<model>/<window>/report.html  the same for people, of days
data bucket
    datasets/<model>/incident-<id>.csv.gz    the dataset that an incident assembled
    feedback/<model>/…                       feedback files, which may have columns that no record has
"""

ROOT = "monitoring/"


def state_key(model: str) -> str:
    """The key of a model's state."""
    return f"{ROOT}{model}/state.json"


def incident_prefix(model: str) -> str:
    """The prefix of a model's incidents."""
    return f"{ROOT}{model}/incidents/"


def incident_key(model: str, incident: str) -> str:
    """The key of an incident."""
    return f"{incident_prefix(model)}{incident}.json"


def facts_key(model: str, window: str) -> str:
    """The key of a window's facts."""
    return f"{ROOT}{model}/{window}/report.json"


def report_key(model: str, window: str) -> str:
    """The key of a window's report."""
    return f"{ROOT}{model}/{window}/report.html"


def dataset_key(model: str, incident: str) -> str:
    """The key of the dataset that an incident assembles; its training starts by itself."""
    return f"datasets/{model}/incident-{incident}.csv.gz"


def feedback_prefix(model: str) -> str:
    """The prefix of a model's feedback files."""
    return f"feedback/{model}/"
