"""Requests that are almost right: mutations of good bodies, and random bodies of the shapes that the doors take."""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from mlops.contract import Contract
from tests.integration.serving.hostile import JSON, Hostile

_FRAGMENTS = (
    *("{", "}", "[", "]", ",", ":", '"', "\\", "null", "true", "NaN", "Infinity", "-", "1e999", "0", "[]", "{}", '""'),
    *('"rows"', '"inputs"', '"instances"', '"data"', '"columns"', '"params"', '"shape"', '"name"', '"datatype"'),
    *("\\u0000", "\\ud800", "é", "😀", "\x00", "\x7f", "9" * 400, "-0.0", "1.5", "\r\n", " ", '"2026-02-30"'),
)
_DATATYPES = ("FP64", "FP32", "FP16", "INT64", "INT8", "UINT8", "UINT64", "BOOL", "BYTES", "BF16", "", "x" * 99)


@dataclass(frozen=True)
class Door:
    """A path's end, a type of body, and what writes rows for it: a body and the headers that belong to it."""

    path: str
    content_type: str
    write: Callable[[Contract, list[dict[str, Any]]], tuple[bytes, dict[str, str]]]


def requests(model: str, contract: Contract, seed: int, count: int) -> Iterator[Hostile]:
    """So many requests through all doors, the same for the same seed."""
    random = Random(seed)
    doors = make_doors(model)
    for number in range(count):
        door = doors[number % len(doors)]
        body, headers = door.write(contract, [_row(random, contract) for _ in range(random.choice((1, 1, 2, 3, 40)))])
        match random.randrange(4):
            case 0:
                body = _mutate_bytes(random, body)
            case 1:
                body = _insert_fragments(random, body)
            case 2:
                body = json.dumps(_document(random, contract)).encode()
            case _:
                body = _repeat_part(random, body)
        if headers and random.random() < 0.5:
            headers = {name: str(random.choice((0, 1, len(body), -1, 10**30, "x"))) for name in headers}
        yield Hostile(f"request {number} of seed {seed}", door.path, body, door.content_type, headers)


def make_doors(model: str) -> tuple[Door, ...]:
    """Every path that takes a body, in every form."""
    infer = f"/v2/models/{model}/infer"
    frames = (
        lambda contract, rows: {"dataframe_split": {"columns": [*contract.names], "data": _lists(rows)}},
        lambda contract, rows: {"dataframe_records": rows},
        lambda contract, rows: {"instances": _lists(rows)},
        lambda contract, rows: {"inputs": {name: [row[name] for row in rows] for name in contract.names}},
    )
    return (
        Door("/predict", JSON, _as_json(lambda _, rows: {"rows": rows})),
        Door(f"/models/{model}/predict", JSON, _as_json(lambda _, rows: {"rows": rows})),
        Door(f"/models/{model}/versions/1/predict", JSON, _as_json(lambda _, rows: {"rows": rows})),
        *(Door("/invocations", JSON, _as_json(frame)) for frame in frames),
        Door("/invocations", "text/csv", _table),
        Door(infer, JSON, _as_json(_tensors)),
        Door(f"/v2/models/{model}/versions/1/infer", JSON, _as_json(_tensors)),
        Door(infer, "application/octet-stream", _binary),
    )


def _as_json(make: Callable[[Contract, list[dict[str, Any]]], Any]) -> Callable[..., tuple[bytes, dict[str, str]]]:
    return lambda contract, rows: (json.dumps(make(contract, rows)).encode(), {})


def _lists(rows: list[dict[str, Any]]) -> list[list[Any]]:
    return [[*row.values()] for row in rows]


def _table(contract: Contract, rows: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    lines = [contract.names, *(["" if cell is None else str(cell) for cell in row.values()] for row in rows)]
    return "\n".join(map(",".join, lines)).encode(), {}


def _tensors(contract: Contract, rows: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "date": "BYTES", "category": "BYTES"}
    return {
        "inputs": [
            {
                "name": column.name,
                "datatype": kinds[column.kind],
                "shape": [len(rows)],
                "data": [row[column.name] for row in rows],
            }
            for column in contract.columns
        ]
    }


def _binary(contract: Contract, rows: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    document, parts = _tensors(contract, rows), list[bytes]()
    for tensor in document["inputs"]:
        parts.append(b"".join(_pack(tensor["datatype"], cell) for cell in tensor.pop("data")))
        tensor["parameters"] = {"binary_data_size": len(parts[-1])}
    head = json.dumps(document).encode()
    return b"".join((head, *parts)), {"inference-header-content-length": str(len(head))}


def _pack(datatype: str, cell: Any) -> bytes:
    if datatype == "BYTES":
        text = str(cell).encode()
        return struct.pack("<I", len(text)) + text
    return struct.pack({"FP64": "<d", "INT64": "<q", "BOOL": "<?"}[datatype], float("nan") if cell is None else cell)


def _row(random: Random, contract: Contract) -> dict[str, Any]:
    cells: dict[str, Callable[[], Any]] = {
        "number": lambda: round(random.uniform(-100, 100), 3),
        "integer": lambda: random.randrange(100),
        "boolean": lambda: random.random() < 0.5,
        "date": lambda: f"2026-0{random.randint(1, 9)}-1{random.randint(0, 9)}",
        "category": lambda: random.choice(("S", "M", "L")),
    }
    return {column.name: cells[column.kind]() for column in contract.columns}


def _mutate_bytes(random: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(random.choice((1, 1, 2, 8))):
        place = random.randrange(len(changed) + 1)
        match random.randrange(3):
            case 0:
                changed[place : place + random.choice((1, 1, 5, 500))] = b""
            case 1:
                changed[place:place] = random.randbytes(random.choice((1, 3)))
            case _:
                changed[place : place + 1] = bytes((random.choice(b'[]{}",:\\ \n\x00\xff0e-.'),))
    return bytes(changed)


def _insert_fragments(random: Random, body: bytes) -> bytes:
    """Fragments in place of values, names or brackets."""
    places = [place for place, byte in enumerate(body) if byte in b'[]{},:"\n'] or [0]
    for _ in range(random.choice((1, 1, 3))):
        place = random.choice(places)
        fragment = random.choice(_FRAGMENTS).encode() * random.choice((1, 1, 1, 2, 300))
        body = body[:place] + fragment + body[place + random.randrange(8) :]
    return body


def _repeat_part(random: Random, body: bytes) -> bytes:
    """A part of the body again and again, sometimes to a body of megabytes."""
    start = random.randrange(len(body) + 1)
    part = body[start : start + random.choice((1, 2, 3, 10, 100, 1_000))]
    size = random.choice((100, 1_000, 10_000, 100_000, 100_000, 1_000_000)) if random.random() < 0.2 else 100
    return body[:start] + part * (1 + size // max(1, len(part))) + body[start:]


def _document(random: Random, contract: Contract) -> Any:
    """A random document of a shape that a door may take."""
    value = _value(random, contract, 3)
    tensor = {
        "name": random.choice((*contract.names, "numbers", "categories", "")),
        "datatype": random.choice(_DATATYPES),
        "shape": random.choice(([1], [1, 1], [2, len(contract.names)], [10**18], [-1], value)),
        "data": value,
        "parameters": random.choice((None, {}, {"binary_data_size": random.choice((0, 8, -1, value))})),
    }
    return random.choice(
        (
            value,
            {"rows": value},
            {"rows": [value]},
            {"rows": [_row(random, contract) | {random.choice(contract.names): value}]},
            {
                random.choice(("instances", "inputs", "dataframe_records")): value,
                "params": random.choice((None, value)),
            },
            {"dataframe_split": {"columns": random.choice((value, [*contract.names])), "data": [value]}},
            {"inputs": [tensor] * random.choice((1, 2, 9)), random.choice(("id", "outputs", "parameters")): value},
        )
    )


def _value(random: Random, contract: Contract, depth: int) -> Any:
    if depth and random.random() < 0.6:
        values = [_value(random, contract, depth - 1) for _ in range(random.randrange(4))]
        names = [random.choice((*contract.names, "x", "name", "data", "")) for _ in values]
        return random.choice((values, dict(zip(names, values, strict=True))))
    return random.choice((None, True, 0, -1, 1.5, 1e308, 2**64, 10**400, "", "S", "x" * 200, "\x01", float("nan")))
