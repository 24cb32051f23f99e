"""Tensors of the Open Inference Protocol V2, in JSON and in its binary extension, and back.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol and Triton's "Binary Tensor Data
Extension": numbers are little-endian in row-major order, each text is its length in 4 bytes, then UTF-8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.errors.serving import BodyTooLarge, InputRejected
from mlops.serving.protocols.v2.parameters import BINARY_SIZE, read_parameters, refusal

# datatype → NumPy's little-endian type
NUMBERS = {
    **{f"INT{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"UINT{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
    **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
}
DATATYPES = (*NUMBERS, "BOOL", "BYTES")
_LENGTH = 4  # bytes before each text
_MAX_SIZE = 2**63  # above any dimension of a tensor


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named tensor; its values are flat, in row-major order: a list, or an array of numbers."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: list[Any] | NDArray[Any]

    def cells(self) -> list[Any]:
        """The values, None where missing."""
        return self.values if isinstance(self.values, list) else _without_nan(self.values.tolist())


def read_tensors(given: Sequence[Any], binary: bytes, max_rows: int) -> list[Tensor]:
    """The tensors of a request; those with `binary_data_size` lie in `binary`, one after the other.

    Raises InputRejected if a tensor isn't what its datatype and shape say, and BodyTooLarge above `max_rows`.
    """
    tensors = []
    start = 0
    for each in given:
        name, datatype, shape, parameters = _read_head(each)
        if shape[0] > max_rows:
            raise BodyTooLarge("rows", max_rows, shape[0])
        size = parameters.get(BINARY_SIZE)
        if size is None:
            values = _read_json(name, datatype, each.get("data"), shape)
        else:
            if type(size) is not int or not 0 <= size <= len(binary) - start:
                raise refusal("binary", f"{BINARY_SIZE} isn't a number of bytes that the body has left", name)
            values = _read_binary(name, datatype, binary[start : start + size], prod(shape))
            start += size
        if len(values) != prod(shape):
            raise refusal("shape", f"it has {len(values)} values for the shape {list(shape)}", name)
        tensors.append(Tensor(name, datatype, shape, values))
    if start != len(binary):
        raise refusal("binary", f"{len(binary) - start} bytes after the JSON belong to no input")
    return tensors


def write_binary(datatype: str, values: Sequence[Any]) -> bytes:
    """The values as the binary extension has them."""
    if datatype == "BYTES":
        texts = [text.encode() for text in values]
        return b"".join(len(text).to_bytes(_LENGTH, "little") + text for text in texts)
    return np.array(values, dtype=NUMBERS[datatype]).tobytes()


def _read_head(given: Any) -> tuple[str, str, tuple[int, ...], dict[str, Any]]:
    """Name, datatype, shape and parameters."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise refusal("type", "an input must be an object with name, shape, datatype and data")
    name, datatype, shape = given["name"], given.get("datatype"), given.get("shape")
    if unknown := sorted(given.keys() - {"name", "shape", "datatype", "data", "parameters"}):
        raise refusal("unknown", f"an input has no member {unknown[0][:80]!r}", name)
    if datatype not in DATATYPES:
        raise refusal("datatype", f"datatype must be one of {', '.join(DATATYPES)}", name)
    sizes = shape if isinstance(shape, list) else []
    if len(sizes) not in (1, 2) or not all(type(size) is int and 0 <= size < _MAX_SIZE for size in sizes):
        raise refusal("shape", "shape must be [rows] or [rows, columns]", name)
    return name, datatype, tuple(sizes), read_parameters(given.get("parameters"), "input", name)


def _read_json(name: str, datatype: str, data: Any, shape: tuple[int, ...]) -> list[Any] | NDArray[Any]:
    """Flat values, or values nested as the shape says; null is a missing one."""
    if isinstance(data, np.ndarray):
        if data.ndim > 1 and data.shape != shape:
            raise _ragged(name, shape)
        return _read_array(name, datatype, data.ravel())
    if not isinstance(data, list):
        raise refusal("type", f"data must be a list of {prod(shape)} values", name)
    kinds = set(map(type, data))
    if list in kinds:
        if kinds != {list} or (len(data), *{len(part) for part in data}) != shape:
            raise _ragged(name, shape)
        data = [value for part in data for value in part]
        kinds = set(map(type, data))
    if not kinds - {type(None)} <= _kinds(datatype):
        raise _other_type(name, datatype)
    if datatype == "FP64":  # JSON's own numbers
        return _without_nan(data)
    return _round(name, datatype, data) if datatype in NUMBERS else data


def _read_array(name: str, datatype: str, numbers: NDArray[Any]) -> NDArray[Any]:
    """The numbers as the datatype holds them."""
    kinds = _kinds(datatype)
    if int not in kinds or (numbers.dtype.kind == "f" and float not in kinds):
        raise _other_type(name, datatype)
    if float not in kinds:
        limits = np.iinfo(NUMBERS[datatype])
        if numbers.size and not limits.min <= int(numbers.min()) <= int(numbers.max()) <= limits.max:
            raise _misfit(name, datatype)
        return numbers
    with np.errstate(over="ignore"):
        return numbers.astype(NUMBERS[datatype]).astype(np.float64)


def _ragged(name: str, shape: tuple[int, ...]) -> InputRejected:
    return refusal("shape", f"its data is neither flat nor nested as the shape {list(shape)} says", name)


def _other_type(name: str, datatype: str) -> InputRejected:
    return refusal("type", f"its data doesn't have the datatype {datatype}", name)


def _misfit(name: str, datatype: str) -> InputRejected:
    return refusal("type", f"a number of its data doesn't fit into {datatype}", name)


def _kinds(datatype: str) -> set[type]:
    """What JSON values may be in a tensor of the datatype."""
    if datatype.startswith("FP"):
        return {int, float}
    return {bool} if datatype == "BOOL" else {str} if datatype == "BYTES" else {int}


def _round(name: str, datatype: str, data: list[Any]) -> list[Any]:
    """The numbers as the datatype holds them: 0.1 isn't the same in FP32 as in FP64."""
    present = [value for value in data if value is not None]
    try:
        with np.errstate(over="ignore"):
            rounded = iter(np.array(present, dtype=NUMBERS[datatype]).tolist())
    except OverflowError:
        raise _misfit(name, datatype) from None
    return (
        _without_nan(rounded)
        if len(present) == len(data)
        else [None if value is None else next(rounded) for value in data]
    )


def _read_binary(name: str, datatype: str, content: bytes, count: int) -> list[Any] | NDArray[Any]:
    if datatype == "BYTES":
        return _read_texts(name, content, count)
    kind = np.dtype(NUMBERS.get(datatype, "u1"))
    if len(content) % kind.itemsize:
        raise refusal("binary", f"its {len(content)} bytes aren't a whole number of {datatype}", name)
    if len(content) // kind.itemsize != count:
        raise refusal("shape", f"it has {len(content) // kind.itemsize} values where its shape has {count}", name)
    values = np.frombuffer(content, dtype=kind)
    if datatype == "BOOL":
        if values.size and values.max() > 1:
            raise refusal("type", "a BOOL must be the byte 0 or 1", name)
        return values.astype(bool).tolist()
    return values.astype(np.float64) if datatype.startswith("FP") else values


def _read_texts(name: str, content: bytes, count: int) -> list[Any]:
    texts: list[Any] = []
    start = 0
    while start < len(content):
        if len(texts) == count:
            raise refusal("shape", f"it has more values than the {count} of its shape", name)
        end = start + _LENGTH + int.from_bytes(content[start : start + _LENGTH], "little")
        if start + _LENGTH > len(content) or end > len(content):
            raise refusal("binary", "a text of its data is longer than the data", name)
        try:
            texts.append(content[start + _LENGTH : end].decode())
        except UnicodeDecodeError:
            raise refusal("binary", "a text of its data isn't UTF-8", name) from None
        start = end
    return texts


def _without_nan(values: Any) -> list[Any]:
    """A tensor has no other word than NaN for a number that is missing."""
    return [None if value != value else value for value in values]
