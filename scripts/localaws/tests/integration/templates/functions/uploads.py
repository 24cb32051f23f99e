"""Processes uploads: two calls of a hundred fail, and an object called poison fails at each attempt."""

import json
import random
from typing import Any

CALLS_THAT_FAIL = 0.02


def handler(event: dict[str, Any], context: Any) -> Any:
    if random.random() < CALLS_THAT_FAIL:
        raise RuntimeError("as chance has it")
    failures = []
    for record in event["Records"]:
        key = json.loads(record["body"])["detail"]["object"]["key"]
        if key.startswith("poison/"):
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            print(json.dumps({"worked_on": key}))
    return {"batchItemFailures": failures}
