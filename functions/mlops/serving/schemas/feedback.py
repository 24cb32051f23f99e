"""POST /models/{model}/feedback in the OpenAPI document, with the labels or the unit of the model's target."""

from typing import Any

from mlops.contract import Contract, Target
from mlops.records.truths import MAX_TRUTHS
from mlops.serving.schemas.problems import problem_responses

_EXAMPLE_ID = "01973a2c-5d11-7108-ae29-d6cfd7f36d18"  # of June 2025
_EXAMPLE_TIME = "2025-06-29T14:05:00Z"


def describe_feedback(model: str, contract: Contract) -> dict[str, Any]:
    """The path of a model that has a champion, `{path: {method: operation}}`."""
    truth = _truth_schema(contract.target)
    several = {
        "type": "object",
        "required": ["truths"],
        "additionalProperties": False,
        "properties": {"truths": {"type": "array", "minItems": 1, "maxItems": MAX_TRUTHS, "items": truth}},
    }
    right = contract.target.labels[0] if contract.target.labels else 1.0
    example = {"prediction_id": _EXAMPLE_ID, "truth": right, "at": _EXAMPLE_TIME}
    body = {
        "schema": {"anyOf": [truth, several]},
        "examples": {
            "one": {"summary": "One truth", "value": example},
            "several": {"summary": f"Up to {MAX_TRUTHS} truths", "value": {"truths": [example]}},
        },
    }
    stored = {
        "type": "object",
        "required": ["model", "stored"],
        "properties": {"model": {"type": "string"}, "stored": {"type": "integer", "minimum": 1}},
    }
    operation = {
        "operationId": f"feedback-{model}",
        "tags": ["feedback"],
        "summary": f"Tell what was right about predictions of {model}",
        "description": f"One truth or up to {MAX_TRUTHS}, all stored or none. 202 says that they are stored durably; "
        "repeating a request is safe. Of several truths of a prediction the one with the latest `at` stands.",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "202": {"description": "The truths are stored", "content": {"application/json": {"schema": stored}}},
            **problem_responses(may_be_missing=True),
        },
    }
    return {f"/models/{model}/feedback": {"post": operation}}


def _truth_schema(target: Target) -> dict[str, Any]:
    unit = f" in {target.unit}" if target.unit else ""
    truth: dict[str, Any] = (
        {"type": "string", "enum": list(target.labels), "description": f"The {target.name} that was right."}
        if target.labels
        else {"type": "number", "description": f"The {target.name} that was right{unit}."}
    )
    return {
        "type": "object",
        "required": ["prediction_id", "truth", "at"],
        "additionalProperties": False,
        "properties": {
            "prediction_id": {"type": "string", "format": "uuid", "description": "The prediction's id."},
            "truth": truth,
            "at": {"type": "string", "format": "date-time", "description": "The truth's own time, with its zone."},
        },
    }
