"""The fields that Logs Insights discovers in log events: system, Lambda and JSON fields.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from collections.abc import Callable, Iterator
from itertools import product

from localaws.logs.insights.values import Kind, Value

# The columns of the table of events (see events.py) → their names in a query.
_SYSTEM = {
    "@timestamp": Value("ts", Kind.TIME),
    "@ingestionTime": Value("ingested", Kind.TIME),
    "@message": Value("message", Kind.TEXT),
    "@logStream": Value("stream", Kind.TEXT),
    "@log": Value("log", Kind.TEXT),
    "@ptr": Value("ptr", Kind.TEXT),
}
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLATFORM = f"^(?:START|END|REPORT) RequestId: ({_UUID})"
_LAMBDA_TEXT = {
    "@type": f"^(START|END|REPORT) RequestId: {_UUID}",
    "@xrayTraceId": r"^(?s:REPORT .*)XRAY TraceId: (\S+)",
    "@xraySegmentId": r"^(?s:REPORT .*)SegmentId: (\S+)",
}
_MEGABYTE = 1_000_000
_MOST_STEPS = 5
_LAMBDA_NUMBERS = {
    "@duration": (r"^REPORT RequestId: \S+\s+Duration: ([\d.]+) ms", 1),
    "@billedDuration": (r"^(?s:REPORT .*)Billed Duration: ([\d.]+) ms", 1),
    "@initDuration": (r"^(?s:REPORT .*)Init Duration: ([\d.]+) ms", 1),
    "@memorySize": (r"^(?s:REPORT .*)Memory Size: (\d+) MB", _MEGABYTE),
    "@maxMemoryUsed": (r"^(?s:REPORT .*)Max Memory Used: (\d+) MB", _MEGABYTE),
}


def discover(name: str, parameter: Callable[[str], str]) -> Value:
    """The value of a field in the table of events; `parameter` converts a string to a SQL parameter.

    Lambda's memory fields are in bytes, its durations in milliseconds. A JSON key that starts with @ is named with @@.
    """
    if name in _SYSTEM:
        return _SYSTEM[name]
    if name == "@requestId":
        platform, plain = _extract(_PLATFORM, parameter), _extract(f"\t({_UUID})\t", parameter)
        return Value(f"coalesce({platform}, {plain})", Kind.TEXT)
    if name in _LAMBDA_TEXT:
        return Value(_extract(_LAMBDA_TEXT[name], parameter), Kind.TEXT)
    if name in _LAMBDA_NUMBERS:
        pattern, factor = _LAMBDA_NUMBERS[name]
        return Value(f"(num({_extract(pattern, parameter)}) * {factor})", Kind.REPORTED)
    if name.startswith("@") and not name.startswith("@@"):
        return Value("CAST(NULL AS VARCHAR)", Kind.TEXT)
    return inside("doc", name.removeprefix("@"), parameter)


def inside(document: str, path: str, parameter: Callable[[str], str]) -> Value:
    """The leaf at a dotted path of a JSON document. A number is an array's index; keys may contain dots."""
    leaves = [f"leaf(json_extract({document}, {parameter(pointer)}))" for pointer in _pointers(path)]
    return Value(f"coalesce({', '.join(leaves)})" if len(leaves) > 1 else leaves[0], Kind.TEXT)


def structure(document: str, path: str, parameter: Callable[[str], str]) -> Value:
    """The value of any type at a dotted path of a JSON document."""
    parts = [f"json_extract({document}, {parameter(pointer)})" for pointer in _pointers(path)]
    return Value(f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0], Kind.JSON)


def _pointers(path: str) -> list[str]:
    """JSON pointers, the most nested reading first: a.b.c is /a/b/c, then /a/b.c and /a.b/c, then /a.b.c."""
    steps = path.split(".")
    # A dot separates two keys or is part of one; with many dots, only the last keys are tried as one.
    readings = product("/.", repeat=len(steps) - 1) if len(steps) <= _MOST_STEPS else _suffixes(len(steps) - 1)
    by_depth = sorted(readings, key=lambda marks: marks.count("."))
    return ["/" + _joined([step.replace("~", "~0").replace("/", "~1") for step in steps], marks) for marks in by_depth]


def _suffixes(marks: int) -> Iterator[tuple[str, ...]]:
    return (("/",) * depth + (".",) * (marks - depth) for depth in range(marks + 1))


def _joined(steps: list[str], marks: tuple[str, ...]) -> str:
    return steps[0] + "".join(mark + step for mark, step in zip(marks, steps[1:], strict=True))


def _extract(pattern: str, parameter: Callable[[str], str]) -> str:
    return f"nullif(regexp_extract(message, {parameter(pattern)}, 1), '')"
