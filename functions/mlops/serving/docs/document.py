"""The OpenAPI document, with the columns of each champion in it."""

from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from obstore.exceptions import BaseError

from mlops.authorization.needs import OPEN
from mlops.errors.registry import AliasInvalid, ArtifactInvalid, VersionNotFound
from mlops.serving.docs.models import Catalog
from mlops.serving.health import describe_health
from mlops.serving.protocols import PROTOCOLS
from mlops.serving.protocols.protocol import ModelDescription
from mlops.serving.schemas.examples import with_examples
from mlops.serving.schemas.feedback import describe_feedback
from mlops.serving.schemas.problems import PROBLEM_SCHEMA, keyed_responses, problem_content
from mlops.serving.settings import ApiSettings
from mlops.serving.switches import withhold

_FASTAPI_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}}

_KEY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of `scripts/mlops keys create`. Scopes: predict, explain, versions, feedback, read "
    "(models, docs), operate.",
}

_INTRODUCTION = (
    "Predictions of the models in the registry. Each model answers with its champion, the version that passed "
    "its gates; a promotion or rollback reaches this API within seconds. Errors are problem documents (RFC 9457).\n\n"
    "All paths that predict give the same answer to the same rows.\n\n"
    "| limit | of a request | of its answer |\n| --- | --- | --- |\n"
    "| rows | {rows:,}; {explained:,} with `explain=true` | one a row |\n"
    "| bytes | {bytes:,} | {answer:,} |\n"
    "| columns | those of the model's contract | |\n\n"
    "More is answered with 413: split it. Bytes are counted before anything is parsed; a body may be packed by gzip "
    "(`Content-Encoding: gzip`), and is counted as it was sent and again unpacked. Lambda itself takes 6 MB, of "
    "which base64 costs a binary body a quarter, and API Gateway 10 MB; beyond that they answer in their own form."
)


def describe_api(app: FastAPI, catalog: Catalog, settings: ApiSettings) -> dict[str, Any]:
    """The OpenAPI 3.1 document, current for the champions of now, with all routes of the application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="Rows in, predictions out",
        description=_INTRODUCTION.format(
            rows=settings.max_rows,
            explained=settings.max_explained_rows,
            bytes=settings.max_body_bytes,
            answer=settings.max_answer_bytes,
        ),
        routes=app.routes,
    )
    paths = document.setdefault("paths", {})
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own: here they are problem documents
        schemas.pop(name, None)
    for item in paths.values():
        for operation in item.values():
            _document_problems(operation)
    recommenders = _describe_recommenders(catalog, settings)
    names = [name for name in catalog.names() if name not in recommenders]
    descriptions = [_describe_model(catalog, name, settings.max_rows) for name in names]
    parts = [protocol.describe(description) for description in descriptions for protocol in PROTOCOLS]
    if settings.records_bucket:
        parts += [describe_feedback(each.name, each.contract) for each in descriptions if each.contract]
    parts += recommenders.values()
    document["paths"] = {}
    for part in (*parts, paths, describe_health()):
        for path, item in part.items():
            document["paths"].setdefault(path, {}).update(item)
    withhold(document, settings)
    if settings.authorization == "keys":
        _require_keys(document)
    return document


def _require_keys(document: dict[str, Any]) -> None:
    """Document that each path but the open one needs a key, by which the page has its button "Authorize"."""
    document["components"]["securitySchemes"] = {"key": _KEY_SCHEME}
    document["security"] = [{"key": []}]
    for path, item in document["paths"].items():
        for operation in (each for each in item.values() if isinstance(each, dict)):
            if path == OPEN:
                operation["security"] = []
            else:
                operation["responses"].update(keyed_responses())


def _describe_recommenders(catalog: Catalog, settings: ApiSettings) -> dict[str, dict[str, Any]]:
    """The paths of each recommender that has a champion. A damaged one doesn't take the whole document away."""
    described = {}
    for name in catalog.names():
        try:
            found = catalog.recommender(name)
        except (ArtifactInvalid, AliasInvalid, VersionNotFound, BaseError):
            continue
        if found is None:
            continue
        from mlops.serving.recommend.openapi import RecommenderDescription, describe_recommender

        described[name] = describe_recommender(
            RecommenderDescription(
                *found,
                is_default=name == catalog.default_model,
                answers_recommend=name == settings.default_recommender,
                takes_feedback=bool(settings.records_bucket),
            )
        )
    return described


def _describe_model(catalog: Catalog, model: str, max_rows: int) -> ModelDescription:
    """The champion's contract and example. One damaged model doesn't take the whole document away."""
    untrained = ModelDescription(model, max_rows, is_default=model == catalog.default_model)
    try:
        found = catalog.contract(model)
    except (ArtifactInvalid, AliasInvalid, VersionNotFound, BaseError):
        return untrained
    if found is None:
        return untrained
    version, contract, example = found
    return replace(untrained, version=version, contract=with_examples(contract, example), example=example)


def _document_problems(operation: dict[str, Any]) -> None:
    """Document problem documents, also in place of FastAPI's own validation error."""
    responses = operation["responses"]
    if responses.get("422", {}).get("content") == _FASTAPI_ERROR:
        del responses["422"]
    responses.setdefault("default", {"description": "A problem document", "content": problem_content()})
