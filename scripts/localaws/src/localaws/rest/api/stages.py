"""Operations on deployments and stages of an API."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from localaws.rest.api.base import RestHandler
from localaws.rest.errors import BadRequest, Conflict
from localaws.rest.patch import apply
from localaws.rest.store import Document, found, now
from localaws.rest.support import check_stage

# Names of a method's settings in patch paths → in a stage.
_SETTINGS = {
    "metrics/enabled": ("metricsEnabled", "boolean"),
    "logging/loglevel": ("loggingLevel", "string"),
    "logging/dataTrace": ("dataTraceEnabled", "boolean"),
    "throttling/burstLimit": ("throttlingBurstLimit", "integer"),
    "throttling/rateLimit": ("throttlingRateLimit", "double"),
    "caching/enabled": ("cachingEnabled", "boolean"),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", "integer"),
    "caching/dataEncrypted": ("cacheDataEncrypted", "boolean"),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", "boolean"),
    "caching/unauthorizedCacheControlHeaderStrategy": ("unauthorizedCacheControlHeaderStrategy", "string"),
}


class StageOperations(RestHandler):
    """Deployment and Stage."""

    def create_deployment(self) -> ActionResult:
        """CreateDeployment: a copy of the API's definition, which a stage serves."""
        api, name = self.api(), self.params.get("stageName")
        deployment = self.service.deploy(api, self.params.get("description"))
        if name:
            stage = api.stages.setdefault(name, self._new_stage(name))
            stage |= {"deploymentId": deployment["id"], "lastUpdatedDate": now()}
            stage["variables"] = stage.get("variables", {}) | (self.params.get("variables") or {})
            if self.params.get("stageDescription"):
                stage["description"] = self.params["stageDescription"]
        return ActionResult(deployment)

    def get_deployment(self) -> ActionResult:
        """GetDeployment."""
        return ActionResult(self._deployment())

    def get_deployments(self) -> ActionResult:
        """GetDeployments."""
        return ActionResult({"items": list(self.api().deployments.values())})

    def update_deployment(self) -> ActionResult:
        """UpdateDeployment."""
        return self.patched(self._deployment(), "Deployment")

    def delete_deployment(self) -> ActionResult:
        """DeleteDeployment; a stage may not use it."""
        deployment = self._deployment()
        if any(stage["deploymentId"] == deployment["id"] for stage in self.api().stages.values()):
            raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
        self.service.forget_deployment(self.api(), deployment["id"])
        return EmptyResult()

    def create_stage(self) -> ActionResult:
        """CreateStage."""
        api, name = self.api(), self.params["stageName"]
        if name in api.stages:
            raise Conflict("Stage already exists")
        self._deployment()
        stage = self._new_stage(name) | self.given("restApiId")
        check_stage(stage)
        api.stages[name] = stage
        return ActionResult(stage)

    def get_stage(self) -> ActionResult:
        """GetStage."""
        return ActionResult(self._stage())

    def get_stages(self) -> ActionResult:
        """GetStages, of all deployments or of one."""
        wanted = self.params.get("deploymentId")
        stages = [stage for stage in self.api().stages.values() if wanted in (None, stage["deploymentId"])]
        return ActionResult({"item": stages})

    def update_stage(self) -> ActionResult:
        """UpdateStage, with the settings of its methods."""
        stage = self._stage()
        others: list[Any] = []
        for operation in self.params.get("patchOperations") or []:
            if not _set_method(stage, operation):
                others.append(operation)
        apply(stage, others, "Stage")
        self.params["deploymentId"] = stage["deploymentId"]
        self._deployment()
        check_stage(stage)
        stage["lastUpdatedDate"] = now()
        return ActionResult(stage)

    def delete_stage(self) -> ActionResult:
        """DeleteStage."""
        self._stage()
        del self.api().stages[self.params["stageName"]]
        return EmptyResult()

    def flush_stage_authorizers_cache(self) -> ActionResult:
        """FlushStageAuthorizersCache."""
        self._stage()
        self.service.forget_cached(self.api(), self.params["stageName"])
        return EmptyResult()

    def get_tags(self) -> ActionResult:
        """GetTags."""
        return ActionResult({"tags": self._tagged().get("tags") or {}})

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        tagged = self._tagged()
        tagged["tags"] = (tagged.get("tags") or {}) | self.params["tags"]
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        tagged = self._tagged()
        gone = self.params["tagKeys"]
        tagged["tags"] = {key: value for key, value in (tagged.get("tags") or {}).items() if key not in gone}
        return EmptyResult()

    def _tagged(self) -> Document:
        """The API, stage, key, plan or domain of an ARN."""
        kind, key, *rest = self.params["resourceArn"].split("::/")[-1].split("/")
        if kind == "restapis":
            api = self.store.api(key)
            return api.stage(rest[1]) if rest[:1] == ["stages"] else api.definition.document
        owners = {"apikeys": self.store.keys, "usageplans": self.store.plans, "domainnames": self.store.domains}
        return found(owners.get(kind, {}), key, f"Invalid resource ARN {self.params['resourceArn']}")

    def _new_stage(self, name: str) -> Document:
        created = now()
        return {
            "stageName": name,
            "variables": {},
            "methodSettings": {},
            "cacheClusterEnabled": False,
            "createdDate": created,
            "lastUpdatedDate": created,
        }

    def _stage(self) -> Document:
        return self.api().stage(self.params["stageName"])

    def _deployment(self) -> Document:
        key = self.params["deploymentId"]
        return found(self.api().deployments, key, "Invalid Deployment identifier specified")


def _set_method(stage: Document, operation: Any) -> bool:
    """Apply an operation on a method's settings, such as `/~1items/GET/throttling/rateLimit`; False if it's another."""
    path: str = operation["path"].lstrip("/")
    for suffix, (name, kind) in _SETTINGS.items():
        if path.endswith(f"/{suffix}"):
            method = path.removesuffix(f"/{suffix}").replace("~1", "/")
            settings = stage["methodSettings"].setdefault(method, {})
            value = operation.get("value")
            if operation["op"] == "remove":
                settings.pop(name, None)
            else:
                settings[name] = {"boolean": str(value).lower() == "true"}.get(kind, value)
                settings[name] = (
                    int(value) if kind == "integer" else float(value) if kind == "double" else settings[name]
                )
            return True
    return False
