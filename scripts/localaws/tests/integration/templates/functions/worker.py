"""Processes queued jobs, each of which specifies its outcome."""

import json
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    failures = []
    for record in event["Records"]:
        job = json.loads(record["body"])
        attributes = record["attributes"]
        seen = {
            "job": job["name"],
            "receive": attributes["ApproximateReceiveCount"],
            "batch": len(event["Records"]),
            "attributes": record["messageAttributes"],
        }
        print(json.dumps(seen))
        if job["do"] == "raise":
            raise ValueError(job["name"])
        if job["do"] == "fail":
            failures.append({"itemIdentifier": record["messageId"]})
        if job["do"] == "lie":
            failures.append({"itemIdentifier": "no-such-message"})
    return {"batchItemFailures": failures}
