"""Bodies that cost a server more than an honest request does, unless it looks at them before it builds anything.

Each is made for a contract: a flat one of numbers, or a mixed one. None keeps the contract, so each must be refused.
"""

import gzip
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mlops.contract import Column, Contract, Target

LIMIT = 6_000_000  # bytes of a body, the function's own limit
JSON = "application/json"


def numbers(columns: int) -> Contract:
    """A regression on so many columns of numbers."""
    return Contract(
        columns=tuple(Column(name=f"column {place:03d}", minimum=-1e6, maximum=1e6) for place in range(columns)),
        target=Target(name="value", task="regression"),
    )


MIXED = Contract(
    columns=(
        Column(name="age", kind="integer", minimum=0, maximum=120),
        Column(name="city", kind="category"),
        Column(name="size", kind="category", categories=("S", "M", "L")),
        Column(name="insured", kind="boolean"),
        Column(name="sent", kind="date"),
        Column(name="weight", required=False),
    ),
    target=Target(name="value", task="regression"),
)


@dataclass(frozen=True)
class Hostile:
    """One body: its name, the end of the path it goes to, what it is, and the statuses that refuse it."""

    name: str
    path: str
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (400, 413, 415, 422)


def fill(item: str, start: str, end: str, limit: int = LIMIT, separator: str = ",") -> bytes:
    """`start`, as many times `item` as the limit allows, `end`."""
    count = (limit - len(start.encode()) - len(end.encode())) // (len(item.encode()) + len(separator))
    return (start + separator.join([item] * count) + end).encode()


def counted(make: Callable[[int], str], start: str, end: str, limit: int = LIMIT) -> bytes:
    """As `fill`, of items that are all different."""
    parts, size, place = list[str](), len(start) + len(end), 0
    while True:
        item = make(place)
        size += len(item) + 1
        if size > limit:
            return (start + ",".join(parts) + end).encode()
        parts.append(item)
        place += 1


def _wrong_row(contract: Contract, cell: str) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{cell}" for name in contract.names) + "}"


def _predict(contract: Contract) -> Iterator[tuple[str, bytes]]:
    first = json.dumps(contract.names[0])
    last = json.dumps(contract.names[-1])
    cell = f'{{"rows":[{{{first}:'
    yield "empty lists in a cell", fill("[]", cell + "[", "]}]}")
    yield "empty objects in a cell", fill("{}", cell + "[", "]}]}")
    yield "numbers in a cell", fill("0", cell + "[", "]}]}")
    yield "different numbers in a cell", counted(str, cell + "[", "]}]}")
    yield "texts in a cell", counted(lambda place: f'"t{place}"', cell + "[", "]}]}")
    yield "nulls in a cell", fill("null", cell + "[", "]}]}")
    yield "a text of a whole body", fill("x", cell + '"', '"}]}', separator="")
    yield "a text of escapes", fill("\\u0001", cell + '"', '"}]}', separator="")
    yield "a text of quotes", fill('\\"', cell + '"', '"}]}', separator="")
    yield "a text of brackets", fill("[{", cell + '"', '"}]}', separator="")
    yield "a text of many bytes a character", fill("😀", cell + '"', '"}]}', separator="")
    yield "a number of a million digits", cell.encode() + b"9" * 1_000_000 + b"}]}"
    yield "empty rows", fill("{}", '{"rows":[', "]}")
    yield "as many empty rows as are allowed", (b'{"rows":[' + b",".join([b"{}"] * 10_000) + b"]}")
    yield "rows that are lists", fill("[]", '{"rows":[', "]}")
    yield "rows that are numbers", fill("1", '{"rows":[', "]}")
    yield "rows of nulls", fill("null", '{"rows":[', "]}")
    yield "every cell of every row wrong", fill(_wrong_row(contract, '"x"'), '{"rows":[', "]}")
    yield "every cell of every row null", fill(_wrong_row(contract, "null"), '{"rows":[', "]}")
    yield "every cell of every row a list", fill(_wrong_row(contract, "[]"), '{"rows":[', "]}")
    yield "one cell wrong in the last row", _one_wrong(contract)
    yield "unknown names in one row", counted(lambda place: f'"n{place}":0', '{"rows":[{', "}]}")
    yield "unknown names in every row", counted(lambda place: f'{{"n{place}":0}}', '{"rows":[', "]}", 200_000)
    yield "unknown names in the body", counted(lambda place: f'"n{place}":0', "{", "}")
    yield (
        "names that are almost a column's",
        counted(lambda place: f'"{contract.names[0][:-1]}{place:05d}":0', '{"rows":[{', "}]}", 6_000),
    )
    yield (
        "long names that are almost a column's",
        counted(lambda place: f'"{contract.names[0] * 8}{place}":0', '{"rows":[{', "}]}"),
    )
    yield "a name as long as a body", fill("n", '{"rows":[{"', '":0}]}', separator="")
    yield "one name again and again", fill(f"{first}:0", '{"rows":[{', "}]}")
    yield "an object within an object", b'{"rows":[' + b'{"a":' * 100_000 + b"0" + b"}" * 100_000 + b"]}"
    yield "a list within a list", b'{"rows":' + b"[" * 3_000_000 + b"]" * 2_900_000
    yield "a list within a list, cut", b"[" * LIMIT
    yield "objects, cut", b'{"rows":[{"a":' * 400_000
    yield "a list of a body", fill("0", "[", "]")
    yield "blanks", b" " * LIMIT
    yield "no rows in many blanks", b'{"rows":[' + b" " * (LIMIT - 11) + b"]}"
    yield "bytes that are no text", b"\xff" * LIMIT
    yield "zero bytes", bytes(LIMIT)
    yield "a good start, cut", (fill(_wrong_row(contract, "1"), '{"rows":[', "]}"))[:-400]
    yield "wide cells under the last column", fill("[[[]]]", f'{{"rows":[{{{last}:[', "]}]}")
    yield "short unknown names", counted(_short_name, '{"rows":[{', "}]}")
    yield "short unknown names in rows", _unknown_rows(contract)
    yield "names with brackets", counted(lambda place: f'"{{}}{place}":0', '{"rows":[{', "}]}")
    yield "a good start, then unknown names", _good_start(contract)
    yield "cells of objects with many names", counted(lambda place: f'"n{place}":0', cell + "{", "}}]}")


def _one_wrong(contract: Contract) -> bytes:
    good = _wrong_row(contract, "1")
    count = min(9_999, LIMIT // (len(good) + 1) - 1)
    return ('{"rows":[' + ",".join([good] * count) + "," + _wrong_row(contract, "true") + "]}").encode()


def _short_name(place: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&*+-"
    digits = []
    for _ in range(4):
        place, digit = divmod(place, len(letters))
        digits.append(letters[digit])
    return f'"{"".join(digits)}":0'


def _unknown_rows(contract: Contract) -> bytes:
    """As many unknown names a row as there are columns, all different."""
    width, rows, place, size = len(contract.names), list[str](), 0, 20
    while size < LIMIT - 20 * width and len(rows) < 9_000:
        rows.append("{" + ",".join(map(_short_name, range(place, place + width))) + "}")
        place, size = place + width, size + len(rows[-1]) + 1
    return ('{"rows":[' + ",".join(rows) + "]}").encode()


def _good_start(contract: Contract) -> bytes:
    start = '{"rows":[' + (_wrong_row(contract, "1") + ",") * min(5_000, LIMIT // 2 // len(_wrong_row(contract, "1")))
    return counted(_short_name, start + "{", "}]}")


def _frames(contract: Contract) -> Iterator[tuple[str, bytes]]:
    names = json.dumps([*contract.names])
    first = json.dumps(contract.names[0])
    for form in ("instances", "inputs", "dataframe_records"):
        yield f"{form} of empty lists", fill("[]", f'{{"{form}":[', "]}")
        yield f"{form} of empty objects", fill("{}", f'{{"{form}":[', "]}")
        yield f"{form} of numbers", fill("0", f'{{"{form}":[', "]}")
        yield f"{form} of texts", counted(lambda place: f'"t{place}"', f'{{"{form}":[', "]}")
        yield f"{form} of unknown names", counted(lambda place: f'"n{place}":0', f'{{"{form}":[{{', "}]}")
    yield "inputs of unknown columns", counted(lambda place: f'"n{place}":[0]', '{"inputs":{', "}}")
    yield "inputs with empty lists in a column", fill("[]", f'{{"inputs":{{{first}:[', "]}}")
    yield "split data of empty lists", fill("[]", f'{{"dataframe_split":{{"columns":{names},"data":[', "]}}")
    yield "split data of lists of wrong length", fill("[0]", f'{{"dataframe_split":{{"columns":{names},"data":[', "]}}")
    yield "split data of nested lists", fill("[[[]]]", f'{{"dataframe_split":{{"columns":{names},"data":[', "]}}")
    yield (
        "split with many columns",
        counted(lambda place: f'"n{place}"', '{"dataframe_split":{"columns":[', '],"data":[]}}'),
    )
    yield (
        "split with an index of a body",
        fill("[]", f'{{"dataframe_split":{{"columns":{names},"index":[', '],"data":[[0]]}}'),
    )
    yield "params of a body", fill("[]", '{"params":{"a":[', ']},"instances":[[0]]}')
    yield "many forms", counted(lambda place: f'"form{place}":[]', "{", "}")
    row = "[" + ",".join(["true"] * len(contract.names)) + "]"
    yield "split data, all cells wrong", fill(row, f'{{"dataframe_split":{{"columns":{names},"data":[', "]}}")


def _tensors(contract: Contract) -> Iterator[tuple[str, bytes]]:
    first = json.dumps(contract.names[0])
    head = f'{{"inputs":[{{"name":{first},"datatype":"FP64","shape":[1],"data":['
    yield "tensor data of empty lists", fill("[]", head, "]}]}")
    yield "tensor data of texts", counted(lambda place: f'"t{place}"', head, "]}]}")
    yield "tensor data of nested lists", fill("[[[0]]]", head, "]}]}")
    yield "tensor data of numbers for another shape", fill("0", head, "]}]}")
    yield "tensor data ragged", fill("[1,2],[3]", head.replace("[1]", "[2000000]"), "]}]}")
    yield (
        "many tensors",
        counted(lambda place: f'{{"name":"n{place}","datatype":"FP64","shape":[1],"data":[0]}}', '{"inputs":[', "]}"),
    )
    yield "many empty tensors", fill("{}", '{"inputs":[', "]}")
    yield "a shape of a body", fill("1", f'{{"inputs":[{{"name":{first},"datatype":"FP64","shape":[', '],"data":[0]}]}')
    yield (
        "a huge shape",
        (f'{{"inputs":[{{"name":{first},"datatype":"FP64","shape":[9223372036854775807],"data":[0]}}]}}').encode(),
    )
    yield "parameters of a body", fill("[]", '{"parameters":{"a":[', ']},"inputs":[]}')
    yield "outputs of a body", fill("{}", '{"outputs":[', '],"inputs":[]}')
    yield "an id of a body", fill("i", '{"id":"', '","inputs":[]}', separator="")


def _binary(contract: Contract) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """The binary extension: a JSON head, then the tensors' bytes."""

    def message(data: bytes, datatype: str, count: int) -> tuple[dict[str, str], bytes]:
        tensor = {
            "name": contract.names[0],
            "datatype": datatype,
            "shape": [count],
            "parameters": {"binary_data_size": len(data)},
        }
        head = json.dumps({"inputs": [tensor]}).encode()
        return {"inference-header-content-length": str(len(head))}, head + data

    def texts(text: bytes, count: int) -> bytes:
        return (struct.pack("<I", len(text)) + text) * count

    yield "binary texts of control characters", *message(texts(b"\x01" * 5_000_000, 1), "BYTES", 1)
    yield "binary empty texts", *message(texts(b"", 1_000_000), "BYTES", 1_000_000)
    yield "binary texts of control characters in every row", *message(texts(b"\x01" * 550, 9_000), "BYTES", 9_000)
    yield "binary texts that aren't UTF-8", *message(texts(b"\xff" * 500, 9_000), "BYTES", 9_000)
    yield "binary lengths that lie", *message(b"\xff\xff\xff\xff" * 1_000_000, "BYTES", 1_000_000)
    yield "binary numbers of NaN", *message(struct.pack("<d", float("nan")) * 700_000, "FP64", 700_000)
    yield "binary truth values", *message(b"\x01" * 5_000_000, "BOOL", 5_000_000)
    yield "a head of a body", {"inference-header-content-length": "99999999"}, b"{}" + bytes(1_000)
    yield "a head of negative length", {"inference-header-content-length": "-1"}, b"{}"


def _tables(contract: Contract) -> Iterator[tuple[str, bytes]]:
    names = ",".join(contract.names)
    commas = "," * (len(contract.names) - 1)
    yield "CSV without a header", fill("1,2,3", "", "", separator="\n")
    yield "CSV of commas", names.encode() + b"\n" + b"," * (LIMIT - 40_000)
    yield "CSV of line ends", names.encode() + b"\n" * (LIMIT - 40_000)
    yield "CSV of quotes", names.encode() + b'\n"' + b'""' * 2_900_000
    yield "CSV of empty rows", fill(commas, names + "\n", "", separator="\n")
    yield "CSV of unknown columns", counted(lambda place: f"n{place}", "", "")
    yield "CSV of one cell", names.encode() + b"\n" + b"x" * (LIMIT - 40_000)
    yield "CSV of wrong cells", fill(",".join(["x"] * len(contract.names)), names + "\n", "", separator="\n")
    yield "CSV of zero bytes", names.encode() + b"\n" + bytes(LIMIT - 40_000)


def _compressed() -> Iterator[tuple[str, bytes]]:
    yield "a bomb of blanks", gzip.compress(b" " * 200_000_000, 9)
    yield "a bomb of empty rows", gzip.compress(b'{"rows":[' + b"{}," * 30_000_000, 9)
    yield "gzip that is cut", gzip.compress(b'{"rows":[{}]}')[:-9]
    yield "gzip within gzip", gzip.compress(gzip.compress(b" " * 100_000_000, 9), 9)
    yield "many members of gzip", gzip.compress(b"") * 250_000


def bodies(model: str, contract: Contract, *, is_default: bool) -> Iterator[Hostile]:
    """All bodies for a model, through every path that takes one."""
    for name, body in _predict(contract):
        yield Hostile(name, f"/models/{model}/predict", body)
    for name, body in _tensors(contract):
        yield Hostile(name, f"/v2/models/{model}/infer", body)
    for name, headers, body in _binary(contract):
        yield Hostile(name, f"/v2/models/{model}/infer", body, "application/octet-stream", headers)
    if is_default:
        for name, body in _frames(contract):
            yield Hostile(name, "/invocations", body)
        for name, body in _tables(contract):
            yield Hostile(name, "/invocations", body, "text/csv")
    for name, body in _compressed():
        yield Hostile(name, f"/models/{model}/predict", body, headers={"content-encoding": "gzip"})
        yield Hostile(name, f"/v2/models/{model}/infer", body, headers={"content-encoding": "gzip"})
