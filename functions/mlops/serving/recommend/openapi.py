"""A recommender in the OpenAPI document, typed by its champion's contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops.artifact.identifiers import MAX_ID
from mlops.interactions import InteractionContract
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.serving.protocols.v2.routes import RECOMMENDER_INPUTS, RECOMMENDER_OUTPUTS
from mlops.serving.recommend.because import MAX_EXPLAINED
from mlops.serving.recommend.events import MAX_EVENT_ID, MAX_EVENTS
from mlops.serving.recommend.protocols import MAX_REQUESTS
from mlops.serving.recommend.requests import MAX_EXCLUDED, MAX_HISTORY, MAX_K
from mlops.serving.schemas.operations import get_operation, version_parameter
from mlops.serving.schemas.problems import problem_responses

_TAG = "recommendations"
_EXAMPLE_ID = "01973a2c-5d11-7108-ae29-d6cfd7f36d18"  # of June 2025
_EXAMPLE_TIME = "2025-06-29T14:05:00Z"
_EXPLAIN = {
    "name": "explain",
    "in": "query",
    "required": False,
    "description": f"Whether each item comes with what speaks for it in the history; at most {MAX_EXPLAINED} items. A "
    "version whose scores aren't sums over the history answers 422.",
    "schema": {"type": "boolean", "default": False},
}
_ID = {"type": ["string", "integer"], "description": "A text, or a whole number; 7 and '7' are one id."}
_SOURCES = ("training", "recent", "request")


@dataclass(frozen=True, slots=True)
class RecommenderDescription:
    """A recommender for the document: its champion's manifest, and a few of its items' ids.

    `is_default` if it's the API's default model, `answers_recommend` if POST /recommend is answered by it, and
    `takes_feedback` if there is a bucket for that.
    """

    manifest: RecommenderManifest
    items: Sequence[str]
    is_default: bool
    answers_recommend: bool
    takes_feedback: bool


def describe_recommender(model: RecommenderDescription) -> dict[str, Any]:
    """The paths that answer for a recommender, `{path: {method: operation}}`."""
    manifest = model.manifest
    name = manifest.model
    paths: dict[str, Any] = {}
    if model.answers_recommend:
        paths["/recommend"] = {"post": _recommend(model, "recommend")}
    paths[f"/models/{name}/recommend"] = {"post": _recommend(model, f"recommend-{name}")}
    pinned = _recommend(model, f"recommend-{name}-version", names_version=True)
    pinned["parameters"].insert(0, version_parameter(manifest.version))
    paths[f"/models/{name}/versions/{{version}}/recommend"] = {"post": pinned}
    if model.is_default:
        paths["/invocations"] = {"post": _invocations(model)}
        text = {"text/plain": {"schema": {"type": "string"}}}
        paths["/ping"] = {"get": get_operation("ping", "MLflow", f"Whether {name} answers", text)}
    paths |= _inference(model)
    if model.takes_feedback:
        paths[f"/models/{name}/feedback"] = {"post": _feedback(model)}
    return paths


def _recommend(model: RecommenderDescription, operation_id: str, *, names_version: bool = False) -> dict[str, Any]:
    manifest = model.manifest
    which = f"a particular version of {manifest.model}" if names_version else manifest.model
    answer = _recommendation_schema()
    answer["required"] = ["model", "version", *answer["required"]]
    answer["properties"] |= {"model": {"type": "string"}, "version": {"type": "integer"}}
    body = {"schema": _request_schema(manifest), "examples": _examples(model)}
    operation = _operation(operation_id, _TAG, f"Recommend with {which}", body, answer, may_be_missing=names_version)
    operation["description"] = (
        "Items for a user, for a history, or for both together: what the version was trained on, the user's recent "
        "events and the request's own history count as one. Somebody of whom nothing is known gets what is trending, "
        "and `basis` says so; `history.unavailable` names what could not be read."
    )
    return operation | {"parameters": [_EXPLAIN]}


def _invocations(model: RecommenderDescription) -> dict[str, Any]:
    row = _request_schema(model.manifest)
    rows = {"type": "array", "minItems": 1, "maxItems": MAX_REQUESTS, "items": row}
    split = {
        "type": "object",
        "required": ["columns", "data"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string", "enum": list(row["properties"])}},
            "data": {"type": "array", "minItems": 1, "maxItems": MAX_REQUESTS, "items": {"type": "array"}},
        },
    }
    forms = {"dataframe_split": split, "dataframe_records": rows, "instances": rows, "inputs": {"anyOf": [row, rows]}}
    schema = {
        "type": "object",
        "oneOf": [{"required": [name]} for name in forms],
        "properties": {**forms, "params": {"type": ["object", "null"], "maxProperties": 0}},
        "additionalProperties": False,
    }
    examples = {
        name: {"summary": each["summary"], "value": {"instances": [each["value"]]}}
        for name, each in _examples(model).items()
    }
    answer = {
        "type": "object",
        "required": ["model", "version", "predictions"],
        "properties": {
            "model": {"type": "string"},
            "version": {"type": "integer"},
            "predictions": {"type": "array", "items": _recommendation_schema()},
        },
    }
    summary = f"Recommend with {model.manifest.model}, as MLflow's scoring server would"
    return _operation("invocations", "MLflow", summary, {"schema": schema, "examples": examples}, answer)


def _inference(model: RecommenderDescription) -> dict[str, Any]:
    manifest = model.manifest
    tag = "Open Inference Protocol V2"
    paths: dict[str, Any] = {}
    for names_version in (False, True):
        path = f"/v2/models/{manifest.model}" + ("/versions/{version}" if names_version else "")
        name = f"v2-{manifest.model}" + ("-version" if names_version else "")
        which = f"a particular version of {manifest.model}" if names_version else manifest.model
        infer = _operation(
            f"{name}-infer", tag, f"Recommend with {which}", _tensors(model), _outputs(), may_be_missing=names_version
        )
        infer["description"] = (
            "An element a request: `user`, `k`, and in JSON `history` and `exclude`, whose empty text is a missing "
            'value. `items` and `scores` have a row a request, filled with "" and null.'
        )
        members = {path: f"The inputs and outputs of {which}", f"{path}/ready": f"Whether {which} answers"}
        for number, (each, summary) in enumerate(members.items()):
            operation_id = name if not number else f"{name}-ready"
            paths[each] = {
                "get": get_operation(operation_id, tag, summary, {"application/json": {"schema": {"type": "object"}}})
            }
            if names_version:
                paths[each]["get"]["responses"]["404"] = infer["responses"]["404"]
        paths[f"{path}/infer"] = {"post": infer}
        if names_version:
            for each in (path, f"{path}/ready", f"{path}/infer"):
                paths[each]["parameters"] = [version_parameter(manifest.version)]
    return paths


def _tensors(model: RecommenderDescription) -> dict[str, Any]:
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": {"type": "string", "enum": [name for name, _, _ in RECOMMENDER_INPUTS]},
            "shape": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer", "minimum": 0}},
            "datatype": {"type": "string"},
            "data": {"type": "array"},
        },
    }
    output = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "enum": [name for name, _, _ in RECOMMENDER_OUTPUTS]}},
    }
    schema = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": ["string", "null"]},
            "inputs": {"type": "array", "minItems": 1, "items": tensor},
            "outputs": {"type": ["array", "null"], "items": output},
        },
    }
    user = {"name": "user", "datatype": "BYTES", "shape": [1], "data": ["somebody"]}
    excluded = {"name": "exclude", "datatype": "BYTES", "shape": [1], "data": [f'["{model.items[0]}"]']}
    return {"schema": schema, "example": {"inputs": [user, excluded]}}


def _outputs() -> dict[str, Any]:
    output = {"type": "object", "required": ["name", "shape", "datatype"]}
    return {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "outputs": {"type": "array", "items": output},
        },
    }


def _feedback(model: RecommenderDescription) -> dict[str, Any]:
    contract = model.manifest.interactions
    properties = {
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_EVENT_ID,
            "description": "Names the event: repeating it changes nothing.",
        },
        "user": _ID,
        **_event_properties(contract),
        "recommendation_id": {"type": "string", "format": "uuid", "description": "The answer that showed the item."},
        "position": {"type": "integer", "minimum": 1, "description": "Where in that answer it stood, from 1."},
    }
    only = contract.only_event
    required = ["id", "user", "item", "time", *([] if only else ["event"])]
    event = {"type": "object", "required": required, "additionalProperties": False, "properties": properties}
    several = {
        "type": "object",
        "required": ["events"],
        "additionalProperties": False,
        "properties": {"events": {"type": "array", "minItems": 1, "maxItems": MAX_EVENTS, "items": event}},
    }
    example = {"id": _EXAMPLE_ID, "user": "somebody", **_example_event(model), "time": _EXAMPLE_TIME}
    body = {
        "schema": {"anyOf": [event, several]},
        "examples": {
            "one": {"summary": "One event", "value": example},
            "several": {"summary": f"Up to {MAX_EVENTS} events", "value": {"events": [example]}},
        },
    }
    stored = {
        "type": "object",
        "required": ["model", "stored", "recent"],
        "properties": {
            "model": {"type": "string"},
            "stored": {"type": "integer", "minimum": 1},
            "recent": {"type": "boolean", "description": "Whether the next recommendations know them."},
        },
    }
    summary = f"Report what users of {model.manifest.model} did"
    operation = _operation(f"feedback-{model.manifest.model}", "feedback", summary, body, stored, may_be_missing=True)
    operation["responses"]["202"] = operation["responses"].pop("200") | {"description": "The events are stored"}
    operation["description"] = (
        f"One event or up to {MAX_EVENTS}, all stored or none. 202 says that they are durable and that the next "
        "recommendation of their users knows them; repeating a request is safe."
    )
    return operation


def _operation(
    operation_id: str,
    tag: str,
    summary: str,
    body: dict[str, Any],
    answer: dict[str, Any],
    *,
    may_be_missing: bool = False,
) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": {"description": "Recommendations", "content": {"application/json": {"schema": answer}}},
            **problem_responses(may_be_missing=may_be_missing),
        },
    }


def _request_schema(manifest: RecommenderManifest) -> dict[str, Any]:
    contract = manifest.interactions
    event = {
        "type": "object",
        "required": ["item", *([] if contract.only_event else ["event"])],
        "additionalProperties": False,
        "properties": _event_properties(contract),
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "user": {**_ID, "type": ["string", "integer", "null"]},
            "history": {"type": ["array", "null"], "maxItems": MAX_HISTORY, "items": event},
            "k": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_K, "default": manifest.k},
            "exclude": {
                "type": ["array", "null"],
                "maxItems": MAX_EXCLUDED,
                "items": {"type": ["string", "integer"], "maxLength": MAX_ID},
                "description": "Items not to be recommended.",
            },
        },
    }


def _event_properties(contract: InteractionContract) -> dict[str, Any]:
    weights = ", ".join(f"{name} ({_describe_weight(weight)})" for name, weight in contract.events.items())
    properties: dict[str, Any] = {
        "item": _ID,
        "event": {"type": "string", "enum": list(contract.events), "description": f"With their weights: {weights}."},
        "time": {"type": "string", "format": "date-time", "description": "The event's own time, with its zone."},
    }
    if contract.rating:
        low, high = contract.rating.minimum, contract.rating.maximum
        properties["rating"] = {"type": ["number", "null"], "minimum": low, "maximum": high}
    return properties


def _describe_weight(weight: float | None) -> str:
    return "says nothing of taste" if weight is None else f"{weight:g}"


def _recommendation_schema() -> dict[str, Any]:
    part = {
        "type": "object",
        "required": ["item", "contribution"],
        "properties": {
            "item": {"type": "string"},
            "title": {"type": "string"},
            "event": {"type": "string"},
            "contribution": {"type": "number"},
        },
    }
    item = {
        "type": "object",
        "required": ["item", "score"],
        "properties": {
            "item": {"type": "string"},
            "score": {"type": ["number", "null"], "description": "Compares the items of one answer; no unit."},
            "title": {"type": "string"},
            "because": {"type": "array", "items": part, "description": "Only with explain=true."},
            "others": {"type": "number", "description": "What the history's other items contribute."},
        },
    }
    return {
        "type": "object",
        "required": ["recommendation_id", "basis", "history", "items"],
        "properties": {
            "recommendation_id": {"type": "string", "format": "uuid"},
            "basis": {"type": "string", "enum": ["history", "trending"]},
            "history": {
                "type": "object",
                "required": ["items", "sources", "unavailable", "unknown_items"],
                "properties": {
                    "items": {"type": "integer"},
                    "sources": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "unavailable": {"type": "array", "items": {"type": "string", "enum": list(_SOURCES)}},
                    "unknown_items": {"type": "integer"},
                },
            },
            "items": {"type": "array", "items": item},
        },
    }


def _examples(model: RecommenderDescription) -> dict[str, Any]:
    event = _example_event(model)
    return {
        "user": {"summary": "A user", "value": {"user": "somebody", "k": 5}},
        "history": {"summary": "A history", "value": {"history": [event]}},
        "both": {"summary": "Both", "value": {"user": "somebody", "history": [event], "exclude": [model.items[-1]]}},
    }


def _example_event(model: RecommenderDescription) -> dict[str, Any]:
    contract = model.manifest.interactions
    strongest = max(contract.events, key=lambda name: contract.events[name] or 0)
    rating = {"rating": contract.rating.maximum} if contract.rating else {}
    return {"item": model.items[0], "event": strongest, **rating}
