"""Models: JSON schemas of draft 4, by which bodies are validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from localaws.rest.store import Document

_REFERENCE = "$ref"


@cache
def validator_class() -> Any:
    """The validator of draft 4; its import is slow, and most APIs have no model."""
    from jsonschema import Draft4Validator  # type: ignore[import-untyped]

    return Draft4Validator


def schema_problem(text: str) -> str | None:
    """Why a text isn't a JSON schema of draft 4, or None."""
    from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]

    try:
        validator_class().check_schema(json.loads(text))
    except SchemaError as error:
        return str(error.message)
    except ValueError as error:
        return str(error)
    return None


def is_valid(body: str, name: str, models: Mapping[str, Document]) -> bool:
    """Whether a body is valid by a model; `Empty` and `Error` are AWS's own."""
    if name in ("Empty", "Error") and name not in models:
        return True
    if name not in models:
        return False
    try:
        document = json.loads(body)
    except ValueError:
        return False
    return bool(validator_class()(_schema(name, models)).is_valid(document))


def _schema(name: str, models: Mapping[str, Document]) -> Any:
    """The schema of a model, with all models among its definitions."""
    schemas = {key: json.loads(model.get("schema") or "{}") for key, model in models.items()}
    own = schemas[name].get("definitions", {})
    local = {key: _localized(schema) for key, schema in schemas.items()}
    return {**local[name], "definitions": {**local, **{key: _localized(schema) for key, schema in own.items()}}}


def _localized(schema: Any) -> Any:
    """The schema with references to other models as references to definitions.

    A model refers to another by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`, an OpenAPI document by
    `#/components/schemas/{name}` or `#/definitions/{name}`.
    """
    if isinstance(schema, list):
        return [_localized(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get(_REFERENCE)
    if isinstance(reference, str) and not reference.startswith("#/properties"):
        return {_REFERENCE: f"#/definitions/{reference.rpartition('/')[2]}"}
    return {key: _localized(item) for key, item in schema.items()}
