"""Works on uploads: two calls of a hundred fail as a whole, and what's called poison fails at each try."""

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
