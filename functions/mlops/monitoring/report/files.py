"""Where reports lie in the records bucket: monitoring/<model>/<window>/report.html and report.json."""

import re
from typing import Literal

import obstore

from mlops.registry.store import Store

type Ending = Literal["html", "json"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def report_path(model: str, window: str, ending: Ending) -> str:
    """The path of a window's report."""
    return f"monitoring/{model}/{window}/report.{ending}"


def list_days(store: Store, model: str) -> list[str]:
    """The days of a model that have a folder of their own, oldest first."""
    listing = obstore.list_with_delimiter(store, f"monitoring/{model}")
    names = (prefix.rstrip("/").rpartition("/")[2] for prefix in listing["common_prefixes"])
    return sorted(name for name in names if _DAY.fullmatch(name))
