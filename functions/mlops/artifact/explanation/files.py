"""An explainer as two files of a model version: what people read in JSON, and the numbers in NumPy's format."""

import io
import json
from dataclasses import Field, asdict, fields
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mlops.artifact.explanation.explainer import Explainer, Part, View
from mlops.artifact.explanation.linear import Linear
from mlops.artifact.explanation.trees import Trees

ABOUT = "explainer.json"
NUMBERS = "explainer.npz"
FORMAT = 1

_MODELS: dict[str, type[Linear] | type[Trees]] = {"linear": Linear, "tree nodes": Trees}
_EARLIER = "trees"
"""Trees leaf by leaf, as explainers had them once."""
_GRAPH = "graph"


class ExplainerUnreadable(ValueError):
    """Files that aren't an explainer of a format that is known here."""


def write_explainer(explainer: Explainer) -> dict[str, bytes]:
    """The explainer's files, by name. The same explainer gives the same bytes."""
    arrays: dict[str, Any] = {_GRAPH: np.frombuffer(explainer.graph, dtype=np.uint8)}
    parts = []
    for number, part in enumerate(explainer.parts):
        kind = next(name for name, known in _MODELS.items() if isinstance(part.model, known))
        arrays |= {f"{number}.{each.name}": getattr(part.model, each.name) for each in _stored(part.model)}
        views = [asdict(view) for view in part.views]
        parts.append({"kind": kind, "width": part.width, "columns": part.columns, "views": views})
    about = {"format": FORMAT, "unit": explainer.unit, "names": explainer.names, "parts": parts}
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return {ABOUT: _json(about), NUMBERS: content.getvalue()}


def write_refusal(reason: str) -> dict[str, bytes]:
    """The file with the reason why a model has no explainer."""
    return {ABOUT: _json({"format": FORMAT, "reason": reason})}


def read_reason(about: bytes) -> str | None:
    """Why there is no explainer that can be used, or None if there is one. Raises ExplainerUnreadable."""
    document = _parse(about)
    if any(part["kind"] == _EARLIER for part in document.get("parts", ())):
        return "its explainer is of an earlier kind; train it again"
    reason: str | None = document.get("reason")
    return reason


def read_explainer(about: bytes, numbers: bytes) -> Explainer:
    """The explainer in its two files. Nothing in them is run. Raises ExplainerUnreadable."""
    document = _parse(about)
    try:
        with np.load(io.BytesIO(numbers), allow_pickle=False) as arrays:
            parts = tuple(_read_part(part, number, arrays) for number, part in enumerate(document["parts"]))
            graph = arrays[_GRAPH].tobytes()
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError, OSError) as error:
        raise ExplainerUnreadable(f"{NUMBERS} can't be read: {error}") from error
    return Explainer(document["unit"], tuple(document["names"]), parts, graph)


def _read_part(part: dict[str, Any], number: int, arrays: Any) -> Part:
    kind = _MODELS[part["kind"]]
    # A number was written as an array without axes.
    found = {each.name: arrays[f"{number}.{each.name}"] for each in _stored(kind)}
    model = kind(**{name: array if array.ndim else array.item() for name, array in found.items()})
    views = tuple(View(**view) for view in part["views"])
    return Part(model, part["width"], tuple(part["columns"]), views)


def _stored(model: Any) -> list[Field[Any]]:
    """The fields that are written; others follow from them."""
    return [each for each in fields(model) if each.init]


def _parse(about: bytes) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(about)
        known = document["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise ExplainerUnreadable(f"{ABOUT} can't be read: {error}") from error
    if not known:
        raise ExplainerUnreadable(f"{ABOUT} has the format {document['format']}, and {FORMAT} is known here")
    return document


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, allow_nan=False).encode()
