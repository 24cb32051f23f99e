"""Takes as long as it is told."""

import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Sleep."""
    time.sleep(event["seconds"])
    return {"slept": event["seconds"]}
