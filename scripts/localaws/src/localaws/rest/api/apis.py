"""Operations on APIs, their resources and methods."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult

from localaws.rest.api.base import RestHandler
from localaws.rest.errors import BadRequest, Conflict
from localaws.rest.openapi import read_document
from localaws.rest.store import Document, found
from localaws.rest.support import check_integration, check_method, check_part, check_settings


class ApiOperations(RestHandler):
    """RestApi, Resource, Method and Integration."""

    def create_rest_api(self) -> ActionResult:
        """CreateRestApi."""
        given = self.given("cloneFrom")
        if self.params.get("cloneFrom"):
            raise BadRequest("Local AWS doesn't support cloneFrom.")
        return ActionResult(self.service.create(given).definition.document)

    def import_rest_api(self) -> ActionResult:
        """ImportRestApi: an OpenAPI document."""
        api = self.service.imported(read_document(self.params["body"]), self.params.get("parameters") or {})
        return ActionResult(api.definition.document)

    def put_rest_api(self) -> ActionResult:
        """PutRestApi: replace the API's definition by an OpenAPI document, or merge it in."""
        document = read_document(self.params["body"])
        self.service.put(self.api(), document, self.params.get("mode") or "merge", self.params.get("parameters") or {})
        return ActionResult(self.api().definition.document)

    def get_rest_api(self) -> ActionResult:
        """GetRestApi."""
        return ActionResult(self.api().definition.document)

    def get_rest_apis(self) -> ActionResult:
        """GetRestApis."""
        return ActionResult({"items": [api.definition.document for api in self.store.apis.values()]})

    def update_rest_api(self) -> ActionResult:
        """UpdateRestApi."""
        api = self.api()
        answer = self.patched(api.definition.document, "RestApi")
        check_settings(api.definition.document)
        return answer

    def delete_rest_api(self) -> ActionResult:
        """DeleteRestApi."""
        self.service.delete(self.api())
        return EmptyResult()

    def create_resource(self) -> ActionResult:
        """CreateResource."""
        return ActionResult(self.service.add_resource(self.api(), self.params["parentId"], self.params["pathPart"]))

    def get_resource(self) -> ActionResult:
        """GetResource."""
        return ActionResult(self._resource())

    def get_resources(self) -> ActionResult:
        """GetResources."""
        return ActionResult({"items": list(self.api().definition.resources.values())})

    def delete_resource(self) -> ActionResult:
        """DeleteResource, with everything below it."""
        api, gone = self.api(), self._resource()
        if gone["id"] == api.root:
            raise BadRequest("The root resource can't be deleted.")
        below = f"{gone['path']}/"
        api.definition.resources = {
            key: resource
            for key, resource in api.definition.resources.items()
            if resource is not gone and not resource["path"].startswith(below)
        }
        return EmptyResult()

    def put_method(self) -> ActionResult:
        """PutMethod."""
        verb = self.params["httpMethod"]
        method = {"apiKeyRequired": False, **self.given("restApiId", "resourceId")}
        check_method(method)
        methods = self._resource().setdefault("resourceMethods", {})
        if verb in methods:
            raise Conflict("Method already exists for this resource")
        methods[verb] = method
        return ActionResult(method)

    def get_method(self) -> ActionResult:
        """GetMethod."""
        return ActionResult(self._method())

    def update_method(self) -> ActionResult:
        """UpdateMethod."""
        answer = self.patched(self._method(), "Method")
        check_method(self._method())
        return answer

    def delete_method(self) -> ActionResult:
        """DeleteMethod."""
        self._method()
        del self._resource()["resourceMethods"][self.params["httpMethod"]]
        return EmptyResult()

    def put_method_response(self) -> ActionResult:
        """PutMethodResponse."""
        response = self.given("restApiId", "resourceId", "httpMethod")
        self._method().setdefault("methodResponses", {})[self.params["statusCode"]] = response
        return ActionResult(response)

    def get_method_response(self) -> ActionResult:
        """GetMethodResponse."""
        return ActionResult(self._response(self._method(), "methodResponses"))

    def update_method_response(self) -> ActionResult:
        """UpdateMethodResponse."""
        return self.patched(self._response(self._method(), "methodResponses"), "MethodResponse")

    def delete_method_response(self) -> ActionResult:
        """DeleteMethodResponse."""
        self._response(self._method(), "methodResponses")
        del self._method()["methodResponses"][self.params["statusCode"]]
        return EmptyResult()

    def put_integration(self) -> ActionResult:
        """PutIntegration."""
        integration: Document = {
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
            "cacheNamespace": self.params["resourceId"],
            "cacheKeyParameters": [],
            **self.given("restApiId", "resourceId", "integrationHttpMethod"),
        }
        integration.pop("httpMethod")
        if self.params.get("integrationHttpMethod"):
            integration["httpMethod"] = self.params["integrationHttpMethod"]
        check_integration(integration)
        self._method()["methodIntegration"] = integration
        return ActionResult(integration)

    def get_integration(self) -> ActionResult:
        """GetIntegration."""
        return ActionResult(self._integration())

    def update_integration(self) -> ActionResult:
        """UpdateIntegration."""
        answer = self.patched(self._integration(), "Integration")
        check_integration(self._integration())
        return answer

    def delete_integration(self) -> ActionResult:
        """DeleteIntegration."""
        self._integration()
        del self._method()["methodIntegration"]
        return EmptyResult()

    def put_integration_response(self) -> ActionResult:
        """PutIntegrationResponse; its method response must exist, as on AWS."""
        if self.params["statusCode"] not in self._method().get("methodResponses", {}):
            raise BadRequest(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                "[No method response exists for method.]"
            )
        response = self.given("restApiId", "resourceId", "httpMethod")
        check_part({"integrationResponses": {self.params["statusCode"]: response}})
        self._integration().setdefault("integrationResponses", {})[self.params["statusCode"]] = response
        return ActionResult(response)

    def get_integration_response(self) -> ActionResult:
        """GetIntegrationResponse."""
        return ActionResult(self._response(self._integration(), "integrationResponses"))

    def update_integration_response(self) -> ActionResult:
        """UpdateIntegrationResponse."""
        return self.patched(self._response(self._integration(), "integrationResponses"), "IntegrationResponse")

    def delete_integration_response(self) -> ActionResult:
        """DeleteIntegrationResponse."""
        self._response(self._integration(), "integrationResponses")
        del self._integration()["integrationResponses"][self.params["statusCode"]]
        return EmptyResult()

    def _resource(self) -> Document:
        return self.api().resource(self.params["resourceId"])

    def _method(self) -> Document:
        return self.api().method(self.params["resourceId"], self.params["httpMethod"])

    def _integration(self) -> Document:
        return found(self._method(), "methodIntegration", "No integration defined for method")

    def _response(self, owner: Document, kind: str) -> Document:
        return found(owner.get(kind, {}), self.params["statusCode"], "Invalid Response status code specified")
