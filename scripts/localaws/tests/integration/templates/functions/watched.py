"""Logs, counts in the embedded metric format and fails as the event specifies."""

import json
import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> str:
    for line in event.get("log", []):
        print(json.dumps(line))
    if "score" in event:
        definition = {
            "Namespace": "watched",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "Scored", "Unit": "Count"}],
        }
        metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}
        print(json.dumps({"_aws": metadata, "service": "watched", "Scored": event["score"]}))
    if event.get("fail"):
        raise ValueError("as asked")
    return "done"
