"""Problem documents (RFC 9457) in the OpenAPI document."""

from typing import Any

from mlops.serving.problems import MEDIA_TYPE, PROBLEMS

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem, as a URI."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and the remedy."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "error": {"type": "string", "description": "The detail again, under /v2 alone: V2 clients read it here."},
        "errors_total": {
            "type": "integer",
            "description": "How many rules were broken, or of a body that is far from what the model takes the least "
            "number; `errors` lists at most the first 100.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "message"],
                "properties": {
                    "rule": {"type": "string"},
                    "message": {"type": "string"},
                    "row": {"type": "integer", "description": "Position among the rows, from 0."},
                    "column": {"type": "string"},
                    "value": {"type": "string"},
                },
            },
        },
    },
}

# The `detail` of each kind's example.
_DETAILS = {
    "body-unreadable": "The body isn't valid JSON: EOF while parsing a value at line 1 column 8",
    "query-invalid": "explain must be true or false, and stand once.",
    "not-authenticated": "This API needs a key, and there is no key. Send one as `Authorization: Bearer KEY`; "
    "`scripts/mlops keys create` makes one.",
    "not-permitted": "The key doesn't allow this request: it needs the scope predict, and the key 'x' hasn't got it.",
    "keys-unavailable": "Try again in a few seconds.",
    "model-not-found": "There is no model named 'x'.",
    "wrong-kind": "Version 3 of 'x' is of the kind 'table', and this takes the kind 'recommender'.",
    "version-not-found": "Model 'x' has no version 9.",
    "version-not-public": "Version 9 of 'x' isn't public: it failed accuracy.",
    "feedback-not-taken": "This API takes no feedback: its setting RECORDS_BUCKET names no bucket to store it in.",
    "too-many-requests": "A key may make 50 requests a second on average, and this one has made more.",
    "switched-off": "This API doesn't offer explanations: OFFER_EXPLANATIONS is false.",
    "body-too-large": "A request may have 10,000 rows, this one has more. Split it into smaller ones.",
    "media-type-unsupported": "The Content-Type must be application/json in UTF-8, and there is none.",
    "content-coding-unsupported": "The Content-Encoding may be gzip, once, or identity, and it is 'br'.",
    "input-rejected": "x must be at least 0, not -1.0",
    "events-rejected": "event must be one of view, purchase, not 'click'",
    "truths-rejected": "truth must be one of a, b, not 'c'",
    "explanation-unavailable": "Version 1 of 'x' can't be explained: it was trained without an explainer.",
    "model-unavailable": "Model 'x' can't answer now: the registry can't be read now. Try again in a few seconds.",
    "feedback-not-stored": "Try again in a few seconds.",
    "registry-unreachable": "Try again in a few seconds.",
}

_NOT_FOUND = 404
# What the check of keys answers, of an API that has one.
_KEYED = (401, 403, 429)


def problem_content(status: int | None = None) -> dict[str, Any]:
    """A problem document as the content of an answer, with the first problem that has the status as example."""
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for known, kind, title in PROBLEMS.values():
        if known == status:
            example = {"type": f"urn:mlops:problem:{kind}", "title": title, "status": status, "detail": _DETAILS[kind]}
            content["example"] = example
            break
    return {MEDIA_TYPE: content}


def problem_responses(*, may_be_missing: bool) -> dict[str, Any]:
    """Every status that the path may answer with; a path that stands here for a champion never answers 404."""
    titles = {status: title for status, _, title in reversed(PROBLEMS.values())}
    return {
        str(status): {"description": title, "content": problem_content(status)}
        for status, title in sorted(titles.items())
        if status not in _KEYED and (may_be_missing or status != _NOT_FOUND)
    }


def keyed_responses() -> dict[str, Any]:
    """What each path of an API with keys may answer besides."""
    titles = {status: title for status, _, title in PROBLEMS.values()}
    return {str(status): {"description": titles[status], "content": problem_content(status)} for status in _KEYED}
