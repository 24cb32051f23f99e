"""Operations on models, request validators, authorizers and gateway responses of an API."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult

from localaws.rest.api.base import RestHandler
from localaws.rest.errors import Conflict
from localaws.rest.gateway_responses import DEFAULTS, described
from localaws.rest.store import Document, found, new_id
from localaws.rest.support import check_authorizer, check_gateway_response, check_model


class PartOperations(RestHandler):
    """Model, RequestValidator, Authorizer and GatewayResponse."""

    def create_model(self) -> ActionResult:
        """CreateModel."""
        models, name = self.api().definition.models, self.params["name"]
        if name in models:
            raise Conflict(f"Model name already exists for this REST API: {name}")
        model = {"id": new_id(6), "schema": "{}", **self.given("restApiId")}
        check_model(model)
        models[name] = model
        return ActionResult(model)

    def get_model(self) -> ActionResult:
        """GetModel."""
        return ActionResult(self._model())

    def get_models(self) -> ActionResult:
        """GetModels."""
        return ActionResult({"items": list(self.api().definition.models.values())})

    def update_model(self) -> ActionResult:
        """UpdateModel."""
        answer = self.patched(self._model(), "Model")
        check_model(self._model())
        return answer

    def delete_model(self) -> ActionResult:
        """DeleteModel."""
        self._model()
        del self.api().definition.models[self.params["modelName"]]
        return EmptyResult()

    def create_request_validator(self) -> ActionResult:
        """CreateRequestValidator."""
        defaults = {"validateRequestBody": False, "validateRequestParameters": False}
        validator = {**defaults, **self.given("restApiId"), "id": new_id(6)}
        self.api().definition.validators[validator["id"]] = validator
        return ActionResult(validator)

    def get_request_validator(self) -> ActionResult:
        """GetRequestValidator."""
        return ActionResult(self._validator())

    def get_request_validators(self) -> ActionResult:
        """GetRequestValidators."""
        return ActionResult({"items": list(self.api().definition.validators.values())})

    def update_request_validator(self) -> ActionResult:
        """UpdateRequestValidator."""
        return self.patched(self._validator(), "RequestValidator")

    def delete_request_validator(self) -> ActionResult:
        """DeleteRequestValidator."""
        del self.api().definition.validators[self._validator()["id"]]
        return EmptyResult()

    def create_authorizer(self) -> ActionResult:
        """CreateAuthorizer."""
        authorizer = {"authType": "custom", "authorizerResultTtlInSeconds": 300, **self.given("restApiId")}
        authorizer["id"] = new_id(6)
        check_authorizer(authorizer)
        self.api().definition.authorizers[authorizer["id"]] = authorizer
        return ActionResult(authorizer)

    def get_authorizer(self) -> ActionResult:
        """GetAuthorizer."""
        return ActionResult(self._authorizer())

    def get_authorizers(self) -> ActionResult:
        """GetAuthorizers."""
        return ActionResult({"items": list(self.api().definition.authorizers.values())})

    def update_authorizer(self) -> ActionResult:
        """UpdateAuthorizer."""
        answer = self.patched(self._authorizer(), "Authorizer")
        check_authorizer(self._authorizer())
        return answer

    def delete_authorizer(self) -> ActionResult:
        """DeleteAuthorizer."""
        authorizer = self._authorizer()
        methods = [
            method
            for resource in self.api().definition.resources.values()
            for method in resource.get("resourceMethods", {}).values()
        ]
        if any(method.get("authorizerId") == authorizer["id"] for method in methods):
            raise Conflict(f"Authorizer {authorizer['id']} is in use by a method.")
        del self.api().definition.authorizers[authorizer["id"]]
        return EmptyResult()

    def put_gateway_response(self) -> ActionResult:
        """PutGatewayResponse."""
        kind = self._response_type()
        response = {**self.given("restApiId"), "defaultResponse": False}
        check_gateway_response(response)
        self.api().definition.responses[kind] = response
        return ActionResult(described(self.api().definition.responses, kind))

    def get_gateway_response(self) -> ActionResult:
        """GetGatewayResponse: the default one if none was put."""
        return ActionResult(described(self.api().definition.responses, self._response_type()))

    def get_gateway_responses(self) -> ActionResult:
        """GetGatewayResponses: those of all types."""
        responses = self.api().definition.responses
        return ActionResult({"items": [described(responses, kind) for kind in DEFAULTS]})

    def update_gateway_response(self) -> ActionResult:
        """UpdateGatewayResponse."""
        kind, responses = self._response_type(), self.api().definition.responses
        response = {**described(responses, kind), "defaultResponse": False}
        answer = self.patched(response, "GatewayResponse")
        check_gateway_response(response)
        responses[kind] = response
        return answer

    def delete_gateway_response(self) -> ActionResult:
        """DeleteGatewayResponse: the default one takes its place."""
        self.api().definition.responses.pop(self._response_type(), None)
        return EmptyResult()

    def _response_type(self) -> str:
        kind: str = self.params["responseType"]
        found(dict(DEFAULTS), kind, f"Invalid gateway response type {kind}")
        return kind

    def _model(self) -> Document:
        name = self.params["modelName"]
        return found(self.api().definition.models, name, f"Invalid model name specified: {name}")

    def _validator(self) -> Document:
        key = self.params["requestValidatorId"]
        return found(self.api().definition.validators, key, "Invalid Request Validator identifier specified")

    def _authorizer(self) -> Document:
        key = self.params["authorizerId"]
        return found(self.api().definition.authorizers, key, "Invalid Authorizer identifier specified")
