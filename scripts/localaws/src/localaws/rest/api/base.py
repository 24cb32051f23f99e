"""The handler of requests to API Gateway's REST API: what its operations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class

from localaws.rest.errors import BadRequest
from localaws.rest.patch import apply
from localaws.rest.service import RestService
from localaws.rest.store import Document, RestApi, RestStore


class RestHandler(BaseResponse):
    """One method per operation of the service's model; other operations are refused by name."""

    service: RestService

    def __init__(self) -> None:
        super().__init__(service_name="apigateway")
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        """Run the operation, one at a time."""
        action = self._get_action()
        if not action or camelcase_to_underscores(action) not in method_names_from_class(type(self)):
            what = action or f"{self.method} {self.path}"
            return self.serialized(ActionResult(BadRequest(f"Local AWS doesn't support {what} of API Gateway.")))
        with self.store.lock:
            return super().call_action()

    @property
    def store(self) -> RestStore:
        """The APIs."""
        return self.service.store

    def given(self, *without: str) -> Document:
        """The members of the request that were given, but those that name the resource."""
        members: Mapping[str, Any] = self.params
        return {name: value for name, value in members.items() if value is not None and name not in without}

    def api(self) -> RestApi:
        """The API that the request names."""
        return self.store.api(self.params["restApiId"])

    def patched(self, document: Document, shape: str) -> ActionResult:
        """Apply the request's patch operations to a document."""
        apply(document, self.params.get("patchOperations") or [], shape)
        return ActionResult(document)
