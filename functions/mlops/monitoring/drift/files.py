"""The references of a version as a file."""

import json
from collections.abc import Mapping

from mlops.monitoring.drift.reference import Reference


def dump_references(references: Mapping[str, Reference]) -> bytes:
    """References by column as JSON, whose bytes follow from them."""
    columns = {name: reference.to_dict() for name, reference in references.items()}
    return json.dumps(columns, allow_nan=False, separators=(",", ":")).encode()


def load_references(content: bytes) -> dict[str, Reference]:
    """The references that `dump_references` wrote."""
    return {name: Reference.from_dict(fields) for name, fields in json.loads(content).items()}
