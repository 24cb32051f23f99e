"""API keys: who calls, and whether a usage plan lets the request pass.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from localaws.http.throttling import ACCOUNT_LIMIT, Limit
from localaws.rest.exchange import Exchange
from localaws.rest.gateway_responses import Refused
from localaws.rest.limits import Limits, throttling
from localaws.rest.store import Document, RestStore


class ApiKeys:
    """The keys and usage plans of a store."""

    def __init__(self, store: RestStore, limits: Limits) -> None:
        self._store, self._limits = store, limits

    def identify(self, exchange: Exchange, from_authorizer: str | None) -> None:
        """Note the key of the request, if it has one."""
        authorized = exchange.snapshot.settings.get("apiKeySource") == "AUTHORIZER"
        value = from_authorizer if authorized else exchange.incoming.header("x-api-key")
        if value:
            exchange.key = (self._id(value), value)

    def admit(self, exchange: Exchange) -> None:
        """Raise Refused without an enabled key of a plan of the stage, or if the plan's limits are reached."""
        if not exchange.method.get("apiKeyRequired"):
            return
        key_id = exchange.key[0] if exchange.key else None
        key = self._store.keys.get(key_id or "")
        plan = self._plan(exchange, key) if key and key.get("enabled") else None
        if key is None or plan is None:
            raise Refused("INVALID_API_KEY")
        limit = throttling(plan, exchange.api.id, exchange.stage["stageName"], _method(exchange))
        if limit and not self._limits.throttle.admits(plan["id"], f"{key['id']} {_method(exchange)}", limit):
            raise Refused("THROTTLED")
        if not self._limits.within_quota(plan, key["id"]):
            raise Refused("QUOTA_EXCEEDED")

    def admit_method(self, exchange: Exchange) -> None:
        """Raise Refused if the stage's throttling of the method is reached."""
        _, settings = method_setting(exchange, "throttlingRateLimit")
        rate, burst = settings.get("throttlingRateLimit", -1), settings.get("throttlingBurstLimit", -1)
        # A negative limit is none of the stage's own.
        limit = Limit(
            ACCOUNT_LIMIT.rate if rate < 0 else float(rate), ACCOUNT_LIMIT.burst if burst < 0 else float(burst)
        )
        stage = f"{exchange.api.id}/{exchange.stage['stageName']}"
        if not self._limits.throttle.admits(stage, _method(exchange), limit):
            raise Refused("THROTTLED")

    def _id(self, value: str) -> str | None:
        return next((key["id"] for key in self._store.keys.values() if key["value"] == value), None)

    def _plan(self, exchange: Exchange, key: Document) -> Document | None:
        wanted = (exchange.api.id, exchange.stage["stageName"])
        for plan_id, members in self._store.plan_keys.items():
            stages = self._store.plans[plan_id]["apiStages"]
            if key["id"] in members and any((stage["apiId"], stage["stage"]) == wanted for stage in stages):
                return self._store.plans[plan_id]
        return None


def _method(exchange: Exchange) -> str:
    return f"{exchange.resource['path']}/{exchange.incoming.verb}"


def method_setting(exchange: Exchange, name: str) -> tuple[str, Document]:
    """The settings of a method that have `name`, its own or those of all methods, with their key; else nothing."""
    settings = {key.lstrip("/"): value for key, value in (exchange.stage.get("methodSettings") or {}).items()}
    path, verb = exchange.resource["path"].lstrip("/"), exchange.incoming.verb
    for key in (f"{path}/{verb}", f"{path}/*", f"*/{verb}", "*/*"):
        if name in settings.get(key, {}):
            return key, settings[key]
    return "", {}
