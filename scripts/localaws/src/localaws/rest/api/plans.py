"""Operations on API keys and usage plans."""

from __future__ import annotations

import secrets
import string

from moto.core.responses import ActionResult, EmptyResult

from localaws.rest.api.base import RestHandler
from localaws.rest.errors import BadRequest, Conflict
from localaws.rest.patch import apply
from localaws.rest.store import Document, found, new_id, now
from localaws.rest.support import check_plan

_CHARACTERS = string.ascii_letters + string.digits


class PlanOperations(RestHandler):
    """ApiKey, UsagePlan, UsagePlanKey and Usage."""

    def create_api_key(self) -> ActionResult:
        """CreateApiKey."""
        given, created = self.given("generateDistinctId", "stageKeys"), now()
        value = given.setdefault("value", "".join(secrets.choice(_CHARACTERS) for _ in range(40)))
        if len(value) < 20:
            raise BadRequest("API Key value should be at least 20 characters")
        if any(key["value"] == value for key in self.store.keys.values()):
            raise Conflict("API Key already exists")
        key = {
            "enabled": False,
            "name": "",
            **given,
            "id": new_id(),
            "createdDate": created,
            "lastUpdatedDate": created,
        }
        key["stageKeys"] = [f"{item['restApiId']}/{item['stageName']}" for item in self.params.get("stageKeys") or []]
        self.store.keys[key["id"]] = key
        return ActionResult(key)

    def get_api_key(self) -> ActionResult:
        """GetApiKey, with its value only if that's asked for."""
        key = self._key()
        return ActionResult(key if self.params.get("includeValue") else _without_value(key))

    def get_api_keys(self) -> ActionResult:
        """GetApiKeys whose names begin with `nameQuery`."""
        wanted, values = self.params.get("nameQuery") or "", self.params.get("includeValues")
        keys = [key for key in self.store.keys.values() if key["name"].startswith(wanted)]
        return ActionResult({"items": keys if values else [_without_value(key) for key in keys]})

    def update_api_key(self) -> ActionResult:
        """UpdateApiKey."""
        key = self._key()
        key["lastUpdatedDate"] = now()
        return self.patched(key, "ApiKey")

    def delete_api_key(self) -> ActionResult:
        """DeleteApiKey, from its usage plans too."""
        gone = self._key()["id"]
        del self.store.keys[gone]
        for keys in self.store.plan_keys.values():
            if gone in keys:
                keys.remove(gone)
        return EmptyResult()

    def create_usage_plan(self) -> ActionResult:
        """CreateUsagePlan."""
        plan = {"apiStages": [], **self.given(), "id": new_id(6)}
        self._check(plan)
        self.store.plans[plan["id"]] = plan
        self.store.plan_keys[plan["id"]] = []
        return ActionResult(plan)

    def get_usage_plan(self) -> ActionResult:
        """GetUsagePlan."""
        return ActionResult(self._plan())

    def get_usage_plans(self) -> ActionResult:
        """GetUsagePlans, of all keys or of one."""
        wanted = self.params.get("keyId")
        plans = [plan for key, plan in self.store.plans.items() if not wanted or wanted in self.store.plan_keys[key]]
        return ActionResult({"items": plans})

    def update_usage_plan(self) -> ActionResult:
        """UpdateUsagePlan; stages are added and removed as `api:stage`."""
        plan = self._plan()
        for operation in self.params.get("patchOperations") or []:
            if operation["path"] == "/apiStages":
                _change_stages(plan, operation["op"], operation["value"])
            else:
                apply(plan, [operation], "UsagePlan")
        self._check(plan)
        return ActionResult(plan)

    def delete_usage_plan(self) -> ActionResult:
        """DeleteUsagePlan; its stages must have been removed."""
        plan = self._plan()
        if plan["apiStages"]:
            raise BadRequest(f"Cannot delete Usage Plan {plan['id']} because it still has stages associated with it.")
        del self.store.plans[plan["id"]], self.store.plan_keys[plan["id"]]
        return EmptyResult()

    def create_usage_plan_key(self) -> ActionResult:
        """CreateUsagePlanKey; a key may be in one plan of a stage only."""
        plan, key = self._plan(), found(self.store.keys, self.params["keyId"], "Invalid API Key identifier specified")
        keys = self.store.plan_keys[plan["id"]]
        if key["id"] in keys:
            raise Conflict(f"{key['id']} is already subscribed to usage plan {plan['id']}")
        stages = [(stage["apiId"], stage["stage"]) for stage in plan["apiStages"]]
        for other, members in self.store.plan_keys.items():
            shared = [s for s in self.store.plans[other]["apiStages"] if (s["apiId"], s["stage"]) in stages]
            if key["id"] in members and shared:
                raise Conflict(f"{key['id']} is already subscribed to usage plan {other} with the same API stage.")
        keys.append(key["id"])
        return ActionResult(_plan_key(key))

    def get_usage_plan_key(self) -> ActionResult:
        """GetUsagePlanKey."""
        return ActionResult(_plan_key(self._plan_key()))

    def get_usage_plan_keys(self) -> ActionResult:
        """GetUsagePlanKeys."""
        keys = [self.store.keys[key] for key in self.store.plan_keys[self._plan()["id"]]]
        wanted = self.params.get("nameQuery") or ""
        return ActionResult({"items": [_plan_key(key) for key in keys if key["name"].startswith(wanted)]})

    def delete_usage_plan_key(self) -> ActionResult:
        """DeleteUsagePlanKey."""
        self.store.plan_keys[self._plan()["id"]].remove(self._plan_key()["id"])
        return EmptyResult()

    def get_usage(self) -> ActionResult:
        """GetUsage: the used and the remaining requests of each day, by key."""
        plan, first, last = self._plan(), self.params["startDate"], self.params["endDate"]
        usage = self.service.limits.usage(plan, self.store.plan_keys[plan["id"]], first, last)
        wanted = self.params.get("keyId")
        items = {key: days for key, days in usage.items() if wanted in (None, key)}
        return ActionResult({"usagePlanId": plan["id"], "startDate": first, "endDate": last, "items": items})

    def _check(self, plan: Document) -> None:
        check_plan(plan)
        for stage in plan["apiStages"]:
            self.store.api(stage["apiId"]).stage(stage["stage"])

    def _key(self) -> Document:
        return found(self.store.keys, self.params["apiKey"], "Invalid API Key identifier specified")

    def _plan(self) -> Document:
        return found(self.store.plans, self.params["usagePlanId"], "Invalid Usage Plan ID specified")

    def _plan_key(self) -> Document:
        key = self.params["keyId"]
        if key not in self.store.plan_keys[self._plan()["id"]]:
            found({}, key, f"Invalid API Key {key} or not associated with the usage plan")
        return self.store.keys[key]


def _plan_key(key: Document) -> Document:
    return {"id": key["id"], "type": "API_KEY", "value": key["value"], "name": key["name"]}


def _without_value(key: Document) -> Document:
    return {name: value for name, value in key.items() if name != "value"}


def _change_stages(plan: Document, kind: str, value: str) -> None:
    api, _, stage = value.partition(":")
    rest = [item for item in plan["apiStages"] if (item["apiId"], item["stage"]) != (api, stage)]
    plan["apiStages"] = rest if kind == "remove" else [*rest, {"apiId": api, "stage": stage}]
