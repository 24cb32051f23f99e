"""Imports OpenAPI documents, of versions 2 (Swagger) and 3, with API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from localaws.rest.errors import BadRequest
from localaws.rest.gateway_responses import DEFAULTS
from localaws.rest.resources import resource_at
from localaws.rest.store import Definition, Document, RestApi, new_id
from localaws.rest.support import (
    check_authorizer,
    check_gateway_response,
    check_integration,
    check_method,
    check_model,
    check_settings,
)
from localaws.template.openapi import ANY, INTEGRATION, operations

_PREFIX = "x-amazon-apigateway-"
_PLACES = {"query": "querystring", "header": "header", "path": "path"}


def read_document(body: bytes | str) -> Mapping[str, Any]:
    """A document in JSON or YAML; raises BadRequest."""
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadRequest(f"Invalid OpenAPI input: {error}") from None
    if not isinstance(document, dict) or not ("swagger" in document or "openapi" in document):
        raise BadRequest("Invalid OpenAPI input: unable to parse the version of the document")
    return document


class Importer:
    """Imports one document into an API."""

    def __init__(self, api: RestApi, document: Mapping[str, Any], *, overwrite: bool = False) -> None:
        self._api, self._document, self._overwrite = api, document, overwrite
        self._definition = api.definition
        components = document.get("components") or {}
        self._schemas: Mapping[str, Any] = components.get("schemas") or document.get("definitions") or {}
        self._schemes: Mapping[str, Any] = (
            components.get("securitySchemes") or document.get("securityDefinitions") or {}
        )
        self._authorizers: dict[str, str] = {}
        self._validators: dict[str, str] = {}

    def run(self) -> None:
        """Import everything; raises BadRequest for an invalid or unsupported part, and then changes nothing."""
        before = self._api.definition
        self._definition = Definition(
            dict(before.document),
            {before.document["rootResourceId"]: dict(before.resources[self._api.root])},
        )
        if self._overwrite:
            self._definition.resources[self._api.root].pop("resourceMethods", None)
        else:
            for part in ("resources", "models", "validators", "authorizers", "responses"):
                setattr(self._definition, part, {key: dict(value) for key, value in getattr(before, part).items()})
        self._api.definition = self._definition
        try:
            self._import(before)
        except BaseException:
            self._api.definition = before
            raise

    def _import(self, before: Definition) -> None:
        self._settings()
        for name, schema in self._schemas.items():
            self._model(name, schema)
        for name, scheme in self._schemes.items():
            self._authorizer(name, scheme)
        for name, given in (self._document.get(f"{_PREFIX}request-validators") or {}).items():
            validator = {"id": new_id(6), "name": name, **given}
            self._definition.validators[validator["id"]] = validator
            self._validators[name] = validator["id"]
        for kind, given in (self._document.get(f"{_PREFIX}gateway-responses") or {}).items():
            self._gateway_response(kind, given)
        for path in self._document.get("paths") or {}:
            resource_at(self._api, path)
        for path, verb, operation in operations(self._document):
            self._operation(path, "ANY" if verb == ANY else verb.upper(), operation)
        self._keep_ids(before)

    def _keep_ids(self, before: Definition) -> None:
        """Resources whose paths were there before keep their ids."""
        known = {resource["path"]: key for key, resource in before.resources.items()}
        renamed = {key: known.get(item["path"], key) for key, item in self._definition.resources.items()}
        for item in self._definition.resources.values():
            item["id"] = renamed[item["id"]]
            if "parentId" in item:
                item["parentId"] = renamed[item["parentId"]]
        self._definition.resources = {item["id"]: item for item in self._definition.resources.values()}

    def _settings(self) -> None:
        document, info = self._definition.document, self._document.get("info") or {}
        named = {"name": info.get("title"), "description": info.get("description"), "version": info.get("version")}
        document |= {name: str(value) for name, value in named.items() if value}
        for extension, member in (
            ("binary-media-types", "binaryMediaTypes"),
            ("api-key-source", "apiKeySource"),
            ("minimum-compression-size", "minimumCompressionSize"),
        ):
            if f"{_PREFIX}{extension}" in self._document:
                document[member] = self._document[f"{_PREFIX}{extension}"]
        policy = self._document.get(f"{_PREFIX}policy")
        if policy:
            document["policy"] = json.dumps(policy)
        check_settings(document)

    def _model(self, name: str, schema: Any) -> None:
        model = {"id": new_id(6), "name": name, "contentType": "application/json", "schema": json.dumps(schema)}
        check_model(model)
        self._definition.models[name] = model

    def _authorizer(self, name: str, scheme: Mapping[str, Any]) -> None:
        given = scheme.get(f"{_PREFIX}authorizer")
        if not given:
            return
        authorizer: Document = {
            "id": new_id(6),
            "name": name,
            "type": str(given.get("type", "token")).upper(),
            "authType": scheme.get(f"{_PREFIX}authtype", "custom"),
            "authorizerResultTtlInSeconds": int(given.get("authorizerResultTtlInSeconds", 300)),
        }
        for member in ("authorizerUri", "authorizerCredentials", "identityValidationExpression", "providerARNs"):
            if given.get(member):
                authorizer[member] = given[member]
        source = given.get("identitySource")
        if not source and authorizer["type"] == "TOKEN":
            source = f"method.request.header.{scheme.get('name', 'Authorization')}"
        if source:
            authorizer["identitySource"] = source
        check_authorizer(authorizer)
        self._definition.authorizers[authorizer["id"]] = authorizer
        self._authorizers[name] = authorizer["id"]

    def _gateway_response(self, kind: str, given: Mapping[str, Any]) -> None:
        if kind not in DEFAULTS:
            raise BadRequest(f"Invalid gateway response type: {kind}")
        response: Document = {
            "responseType": kind,
            "defaultResponse": False,
            "responseParameters": dict(given.get("responseParameters") or {}),
            "responseTemplates": dict(given.get("responseTemplates") or {}),
        }
        if given.get("statusCode"):
            response["statusCode"] = str(given["statusCode"])
        check_gateway_response(response)
        self._definition.responses[kind] = response

    def _operation(self, path: str, verb: str, operation: Mapping[str, Any]) -> None:
        method: Document = {"httpMethod": verb, "apiKeyRequired": False, "authorizationType": "NONE"}
        if operation.get("operationId"):
            method["operationName"] = operation["operationId"]
        parameters, models = dict(self._parameters(path, operation)), dict(self._models(operation))
        method |= {
            name: value for name, value in (("requestParameters", parameters), ("requestModels", models)) if value
        }
        default = self._document.get(f"{_PREFIX}request-validator")
        validator = operation.get(f"{_PREFIX}request-validator", default)
        if validator:
            if validator not in self._validators:
                raise BadRequest(f"Invalid request validator: {validator}")
            method["requestValidatorId"] = self._validators[validator]
        self._secure(method, operation)
        check_method(method)
        method["methodResponses"] = dict(_responses(operation))
        integration = operation.get(INTEGRATION)
        if integration is not None:
            method["methodIntegration"] = _integration(integration, method["methodResponses"])
        resource_at(self._api, path).setdefault("resourceMethods", {})[verb] = method

    def _parameters(self, path: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        shared = self._document["paths"][path].get("parameters") or []
        for given in [*shared, *(operation.get("parameters") or [])]:
            parameter = self._resolved(given)
            place = _PLACES.get(parameter.get("in", ""))
            if place:
                required = bool(parameter.get("required")) or place == "path"
                yield f"method.request.{place}.{parameter['name']}", required

    def _models(self, operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        body = self._resolved(operation.get("requestBody") or {})
        for kind, media in (body.get("content") or {}).items():
            if media and media.get("schema"):
                yield kind, self._named(media["schema"])
        for given in operation.get("parameters") or []:
            parameter = self._resolved(given)
            if parameter.get("in") == "body" and parameter.get("schema"):
                for kind in operation.get("consumes") or self._document.get("consumes") or ["application/json"]:
                    yield kind, self._named(parameter["schema"])

    def _named(self, schema: Mapping[str, Any]) -> str:
        """The model of a schema: the one that it refers to, or a new one."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            if name not in self._definition.models:
                raise BadRequest(f"Invalid model specified: {reference}")
            return name
        name = f"MODEL{new_id(6)}"
        self._model(name, schema)
        return name

    def _secure(self, method: Document, operation: Mapping[str, Any]) -> None:
        required = operation.get("security", self._document.get("security")) or []
        for name in [name for item in required for name in item]:
            scheme = self._schemes.get(name, {})
            if name in self._authorizers:
                method |= {"authorizationType": "CUSTOM", "authorizerId": self._authorizers[name]}
            elif scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
                method["apiKeyRequired"] = True
            elif scheme.get(f"{_PREFIX}authtype") == "awsSigv4":
                method["authorizationType"] = "AWS_IAM"
            # Other schemes, such as those of OAuth, are documentation only on AWS too.

    def _resolved(self, value: Any) -> Mapping[str, Any]:
        reference = value.get("$ref") if isinstance(value, Mapping) else None
        target: Any = self._document if reference else value
        for step in str(reference).lstrip("#/").split("/") if reference else ():
            target = target.get(step) or {}
        return target if isinstance(target, Mapping) else {}


def _responses(operation: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
    for status, given in (operation.get("responses") or {}).items():
        if str(status).isdigit():
            headers = (given or {}).get("headers") or {}
            parameters = {f"method.response.header.{name}": False for name in headers}
            yield str(status), {"statusCode": str(status), "responseParameters": parameters}


def _integration(given: Mapping[str, Any], declared: Mapping[str, Any]) -> Document:
    integration: Document = {
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000,
        "cacheKeyParameters": [],
        **{name: value for name, value in given.items() if name not in ("responses", "type", "httpMethod")},
    }
    integration["type"] = str(given.get("type", "")).upper()
    integration["passthroughBehavior"] = str(integration["passthroughBehavior"]).upper()
    if given.get("httpMethod"):
        integration["httpMethod"] = str(given["httpMethod"]).upper().replace(ANY.upper(), "ANY")
    responses: dict[str, Document] = {}
    for pattern, response in (given.get("responses") or {}).items():
        status = str(response["statusCode"])
        if integration["type"] in ("MOCK", "AWS", "HTTP") and status not in declared:
            raise BadRequest(f"Invalid mapping expression specified: no method response exists for status {status}.")
        responses[status] = {
            **{name: value for name, value in response.items() if name != "statusCode"},
            "statusCode": status,
            **({} if pattern == "default" else {"selectionPattern": str(pattern)}),
        }
    if responses:
        integration["integrationResponses"] = responses
    check_integration(integration)
    return integration
