"""Returns its event, or fails as the event specifies."""

import json
import os
import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    print(json.dumps({"seen": event}))
    what = event.get("do") if isinstance(event, dict) else None
    if what == "raise":
        raise ValueError("as asked")
    if what == "sleep":
        time.sleep(event["seconds"])
    return {
        "event": event,
        "arn": context.invoked_function_arn,
        "request_id": context.aws_request_id,
        "version": context.function_version,
        "greeting": os.environ.get("GREETING"),
        "farewell": os.environ.get("FAREWELL"),
        "extra": os.environ.get("EXTRA"),
        "endpoint": os.environ.get("AWS_ENDPOINT_URL"),
    }
