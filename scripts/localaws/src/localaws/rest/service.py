"""The REST APIs of one local AWS: creates them, deploys them and serves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.clock import Clock
from localaws.http.authorization.signatures import SignedRequests
from localaws.http.fetch import SESSION, Fetcher
from localaws.http.servers import HttpServers
from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import SYNC_LIMIT, Functions
from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import Meter
from localaws.rest.authorizers import Authorizers
from localaws.rest.aws_variables import resolved
from localaws.rest.cache import ResponseCache
from localaws.rest.errors import BadRequest
from localaws.rest.front import Mount, Parts, RestFront
from localaws.rest.gateway_responses import Refused
from localaws.rest.integrations import Backends
from localaws.rest.keys import ApiKeys
from localaws.rest.limits import Limits
from localaws.rest.openapi import Importer
from localaws.rest.resource_policy import ResourcePolicies
from localaws.rest.resources import add_resource
from localaws.rest.signatures import Signatures
from localaws.rest.snapshot import Snapshot
from localaws.rest.store import Document, RestApi, RestStore, new_id, now
from localaws.rest.support import check_settings
from localaws.runtime.errors import PoolClosed
from localaws.settings import Settings

_INVOKE = "lambda:InvokeFunction"


@dataclass(frozen=True)
class Runtime:
    """What runs functions, measures and logs."""

    functions: Functions
    invoker: AsyncInvoker
    meter: Meter
    clock: Clock
    logs: LogWriter
    guard: Guard


class RestService:
    """The REST APIs; each is served by `servers` at a local URL."""

    def __init__(self, settings: Settings, servers: HttpServers, runtime: Runtime) -> None:
        self.store = RestStore()
        self._servers, self._runtime, self._region = servers, runtime, settings.region
        self._snapshots: dict[tuple[str, str], Snapshot] = {}
        clock, self.limits = runtime.clock.now, Limits(runtime.clock.now)
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="rest-api")
        self._authorizers, self._cache = Authorizers(self._authorize, clock), ResponseCache(clock)
        self._parts = Parts(
            region=settings.region,
            clock=runtime.clock,
            meter=runtime.meter,
            workers=self._workers,
            backends=Backends(
                self._invoke, self._submit, Fetcher(settings.endpoint_url, settings.region), self._access_key
            ),
            authorizers=self._authorizers,
            policies=ResourcePolicies(clock, enforced=runtime.guard.mode != "off"),
            signatures=Signatures(SignedRequests(runtime.guard, clock)),
            keys=ApiKeys(self.store, self.limits),
            logs=runtime.logs,
            cache=self._cache,
            snapshot=lambda api, stage: self._snapshots[(api.id, stage["deploymentId"])],
        )
        servers.serve_hosts(self._domain)

    def create(self, given: Document) -> RestApi:
        """A new API, which is served at once."""
        document = {
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["EDGE"]},
            "disableExecuteApiEndpoint": False,
            **given,
        }
        check_settings(document)
        api = RestApi(document)
        api.url = self._servers.serve(api.id, RestFront(lambda path: _mounted(api, path), self._parts))
        self.store.apis[api.id] = api
        return api

    def imported(self, document: Mapping[str, Any], options: Mapping[str, str]) -> RestApi:
        """A new API from an OpenAPI document."""
        info = document.get("info") or {}
        given: Document = {"name": info.get("title") or "", "description": info.get("description") or ""}
        api = self.create(given)
        try:
            self.put(api, document, "merge", options)
        except BaseException:
            self.delete(api)
            raise
        return api

    def put(self, api: RestApi, document: Mapping[str, Any], mode: str, options: Mapping[str, str]) -> None:
        """Replace the API's definition by a document (`overwrite`), or merge it in."""
        if mode not in ("merge", "overwrite"):
            raise BadRequest(f"Invalid mode: {mode}")
        if options.get("basepath", "ignore") != "ignore":
            raise BadRequest("Local AWS supports basepath ignore only.")
        types = options.get("endpointConfigurationTypes")
        if types:
            api.definition.document["endpointConfiguration"] = {"types": types.split(",")}
        Importer(api, resolved(document, self._region), overwrite=mode == "overwrite").run()

    def delete(self, api: RestApi) -> None:
        """Delete an API, with its stages, and stop serving it."""
        used = [plan for plan in self.store.plans.values() if any(s["apiId"] == api.id for s in plan["apiStages"])]
        for plan in used:
            plan["apiStages"] = [stage for stage in plan["apiStages"] if stage["apiId"] != api.id]
        for mappings in self.store.mappings.values():
            for path in [path for path, mapping in mappings.items() if mapping["restApiId"] == api.id]:
                del mappings[path]
        self.store.apis.pop(api.id, None)
        for key in [key for key in self._snapshots if key[0] == api.id]:
            del self._snapshots[key]
        self._servers.stop(api.id)

    def add_resource(self, api: RestApi, parent: str, part: str) -> Document:
        """A new resource below another."""
        return add_resource(api, parent, part)

    def deploy(self, api: RestApi, description: str | None) -> Document:
        """A deployment of the API as it is now."""
        definition = api.definition
        methods = [m for r in definition.resources.values() for m in r.get("resourceMethods", {}).values()]
        if not methods:
            raise BadRequest("The REST API doesn't contain any methods")
        if any("methodIntegration" not in method for method in methods):
            raise BadRequest("No integration defined for method")
        deployment: Document = {
            "id": new_id(6),
            "createdDate": now(),
            **({"description": description} if description else {}),
        }
        api.deployments[deployment["id"]] = deployment
        self._snapshots[(api.id, deployment["id"])] = Snapshot(definition, deployment["id"])
        return deployment

    def forget_deployment(self, api: RestApi, deployment: str) -> None:
        """Delete a deployment that no stage uses."""
        del api.deployments[deployment], self._snapshots[(api.id, deployment)]

    def forget_cached(self, api: RestApi, stage: str) -> None:
        """Forget what authorizers answered for a stage."""
        self._authorizers.forget(api.id, stage)

    def forget_all(self) -> None:
        """Delete everything."""
        for api in list(self.store.apis.values()):
            self.delete(api)
        self.store.forget_all()
        self.limits.forget_all()

    def close(self) -> None:
        """Stop the workers."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _domain(self, host: str) -> RestFront | None:
        """What serves a custom domain, or None if there's none of that name."""
        if host not in self.store.domains:
            api_id, _, rest = host.partition(".")
            api = self.store.apis.get(api_id) if rest.startswith("execute-api.") else None
            return RestFront(lambda path: _mounted(api, path), self._parts) if api else None
        mappings = self.store.mappings[host]
        return RestFront(lambda path: _mapped(self.store, mappings, path), self._parts)

    def _invoke(self, sender: Sender, function: str, payload: bytes) -> tuple[bytes, bool]:
        if self._runtime.guard.denied(sender, _INVOKE, function):
            raise Refused("API_CONFIGURATION_ERROR")
        if len(payload) > SYNC_LIMIT:
            raise Refused("REQUEST_TOO_LARGE")
        try:
            invocation = self._runtime.functions.invoke(function, None, payload).invocation
        except (UnknownFunctionException, PoolClosed):
            raise Refused("DEFAULT_5XX", status=500) from None
        except TooManyRequests:
            raise Refused("DEFAULT_5XX", status=500) from None
        return invocation.payload, invocation.error is not None

    def _submit(self, sender: Sender, function: str, payload: bytes) -> None:
        if self._runtime.guard.denied(sender, _INVOKE, function):
            raise Refused("API_CONFIGURATION_ERROR")
        self._runtime.invoker.submit(function, None, payload)

    def _access_key(self, role: str) -> str:
        """The key of a role that an integration calls a service as."""
        return self._runtime.guard.credentials.give(role, SESSION).access_key

    def _authorize(self, sender: Sender, function: str, payload: bytes) -> bytes | None:
        try:
            answer, failed = self._invoke(sender, function, payload)
        except Refused:
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from None
        if failed and _message(answer) == "Unauthorized":
            raise Refused("UNAUTHORIZED")
        return None if failed else answer


def _message(payload: bytes) -> str:
    try:
        return str(json.loads(payload).get("errorMessage"))
    except (AttributeError, ValueError):
        return ""


def _mounted(api: RestApi, path: str) -> Mount | None:
    """The stage of a path is its first segment."""
    if api.definition.document.get("disableExecuteApiEndpoint"):
        return None
    name, _, rest = path.lstrip("/").partition("/")
    return Mount(api, api.stages.get(name), f"/{rest}", f"/{rest}")


def _mapped(store: RestStore, mappings: Mapping[str, Document], path: str) -> Mount | None:
    """The mapping of a path of a custom domain; without a stage of its own the next segment names it."""
    first, _, rest = path.lstrip("/").partition("/")
    mapping, inner = (mappings[first], f"/{rest}") if first in mappings else (mappings.get("(none)"), path)
    if mapping is None:
        return None
    api, name = store.apis[mapping["restApiId"]], mapping.get("stage")
    if not name:
        name, _, rest = inner.lstrip("/").partition("/")
        inner = f"/{rest}"
    return Mount(api, api.stages.get(name), inner, path)
