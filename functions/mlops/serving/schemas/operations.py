"""The operations of paths that answer by a model's contract, and their parameters."""

from typing import Any

from mlops.contract import Contract, Target
from mlops.serving.schemas.problems import problem_content, problem_responses

EXPLAIN_PARAMETER: dict[str, Any] = {
    "name": "explain",
    "in": "query",
    "required": False,
    "description": "Whether each answer comes with the contributions of all columns to it (SHAP values), which costs "
    "a few milliseconds a row. A version that can't be explained exactly answers 422 with the reason.",
    "schema": {"type": "boolean", "default": False},
}


def predict_operation(
    operation_id: str,
    tag: str,
    summary: str,
    contract: Contract | None,
    bodies: dict[str, Any],
    answers: dict[str, Any],
    *,
    may_be_missing: bool = False,
) -> dict[str, Any]:
    """An OpenAPI operation that predicts: its bodies and answers by media type, and its problems.

    `may_be_missing`: the path may name a version that isn't there, and so answer 404.
    """
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "description": _introduce(contract.target) if contract else "This model has no champion yet.",
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": {"description": "One prediction a row", "content": answers},
            **problem_responses(may_be_missing=may_be_missing),
        },
    }


def get_operation(operation_id: str, tag: str, summary: str, answers: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI operation without a body, whose only problems are that the server or the model isn't ready."""
    unavailable = {"description": "The model can't answer now", "content": problem_content(503)}
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "responses": {"200": {"description": summary, "content": answers}, "503": unavailable},
    }


def version_parameter(champion: int | None) -> dict[str, Any]:
    """The path parameter that names a version."""
    return {
        "name": "version",
        "in": "path",
        "required": True,
        "description": "A version's number. A version that isn't the champion may have other columns than stand here.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
        "example": champion,
    }


def _introduce(target: Target) -> str:
    what = f"Predicts {target.name}"
    labels = f": {', '.join(target.labels)}" if target.labels else f" in {target.unit}" if target.unit else ""
    return f"{what}{labels}. {target.description or ''}".strip()
