"""A log of eight events, small enough to answer queries about it by hand."""

import json
from datetime import UTC, datetime

from localaws.logs.insights.events import Event
from localaws.logs.insights.query import run_query

START = int(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp() * 1000)
NOW = START // 1000 + 3600
REQUEST = "8b8d2f84-66fb-4bfc-b75b-53dbd4758292"
STREAM = "2026/11/23/[3]" + "0123456789abcdef" * 2
API, WEB = "123456789012:/aws/lambda/api", "123456789012:web"

FIRST = {"level": "INFO", "model": "diagnosis", "model_version": 1, "latency": 4, "cold": True, "ip": "10.1.2.3"}
SECOND = {"level": "INFO", "model": "diagnosis", "model_version": 1, "latency": 6, "cold": False, "ip": "10.2.0.1"}
THIRD = {"level": "ERROR", "model": "diagnosis", "model_version": 2, "latency": 250.5, "cold": False, "retry": None}
FOURTH = {"level": "INFO", "model": "recommender", "model_version": 10, "latency": 9.5, "pad": "  x "}

LINES = (
    (0, API, f"START RequestId: {REQUEST} Version: 3"),
    (30, API, json.dumps(FIRST | {"user": {"name": "ann", "tags": ["a", "b"]}})),
    (70, API, json.dumps(SECOND | {"user": {"name": "bob", "tags": []}})),
    (360, API, json.dumps(THIRD | {"x.y": "dotted", "foo-bar": "hyphen", "error": {"http.status": 504}})),
    (390, API, json.dumps(FOURTH | {"user": {"name": "ann"}, "@timestamp": "of its own"})),
    (420, API, f'[INFO]\t2026-11-23T10:07:00Z\t{REQUEST}\tuser=cat, method:GET, latency := 42 {{"step": {{"n": 3}}}}'),
    (
        421,
        API,
        f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 81 MB\tInit Duration: 99.10 ms\t",
    ),
    (450, WEB, '192.168.1.1 GET /index 404 {"level": "no Lambda log"}'),
)
EVENTS = [
    Event(
        START + 1000 * second, message, STREAM if log == API else "web-1", log, START + 1000 * second + 7, f"p{place}"
    )
    for place, (second, log, message) in enumerate(LINES)
]


def ask(query: str) -> list[dict[str, str]]:
    """The rows that a query gives, without their pointers."""
    answer = run_query(query, EVENTS, NOW)
    return [{name: value for name, value in row if name != "@ptr"} for row in answer.rows]
