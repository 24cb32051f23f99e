"""The log that the tests of the API read."""

import json

REGION = "eu-central-1"
GROUP = "/aws/lambda/api"
STREAM = "2026/11/23/[$LATEST]" + "0123456789abcdef" * 2
REQUEST = "8b8d2f84-66fb-4bfc-b75b-53dbd4758292"
MESSAGES = [
    f"START RequestId: {REQUEST} Version: $LATEST",
    json.dumps({"level": "INFO", "model_version": 1, "latency": 4.5, "cold": True}),
    json.dumps({"level": "INFO", "model_version": 2, "latency": 3.5, "cold": False}),
    json.dumps({"level": "ERROR", "model_version": 2, "latency": 9, "cold": False}),
    f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 81 MB\t",
]
