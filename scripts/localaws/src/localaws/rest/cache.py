"""The cache of a stage: responses of methods, each for its time to live on local AWS's clock.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from localaws.http.authorization.answers import AnswerCache
from localaws.rest.exchange import Exchange
from localaws.rest.gateway_responses import Refused, Rendered
from localaws.rest.keys import method_setting
from localaws.rest.mapping import value_of

_IGNORED = ("Warning", "199 Cache-control headers were ignored because the caller was unauthorized.")


class ResponseCache:
    """The cached responses of all APIs."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._responses = AnswerCache[Rendered](now)

    def forget(self, api: str, stage: str | None = None) -> None:
        """Forget the responses of an API, or of one of its stages."""
        self._responses.forget(*((api,) if stage is None else (api, stage)))

    def answer(self, exchange: Exchange, run: Callable[[], Rendered]) -> Rendered:
        """The cached response of a request, or that of `run`, which is then kept; raises Refused."""
        name, settings = method_setting(exchange, "cachingEnabled")
        cached = exchange.stage.get("cacheClusterEnabled") and settings.get("cachingEnabled")
        # Caching of all methods of a stage is that of GET.
        if not cached or (exchange.incoming.verb != "GET" and not name.endswith(f"/{exchange.incoming.verb}")):
            return run()
        key = self._key(exchange)
        warned = False
        if "max-age=0" in (exchange.incoming.header("cache-control") or ""):
            warned = self._invalidated(exchange, key)
        response = self._responses.get(key)
        if response is None:
            response = run()
            if response.status < 400:
                self._responses.put(key, response, float(settings.get("cacheTtlInSeconds", 300)))
        return replace(response, headers=[*response.headers, _IGNORED]) if warned else response

    def _invalidated(self, exchange: Exchange, key: tuple[Hashable, ...]) -> bool:
        """Drop a response that the client doesn't want; whether its wish was ignored with a warning. Raises Refused."""
        _, settings = method_setting(exchange, "requireAuthorizationForCacheControl")
        if settings and not settings["requireAuthorizationForCacheControl"]:
            self._responses.forget(*key)
            return False
        _, strategy = method_setting(exchange, "unauthorizedCacheControlHeaderStrategy")
        how = strategy.get("unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER")
        if how == "FAIL_WITH_403":
            raise Refused("ACCESS_DENIED")
        return bool(how == "SUCCEED_WITH_RESPONSE_HEADER")

    @staticmethod
    def _key(exchange: Exchange) -> tuple[Hashable, ...]:
        integration = exchange.method.get("methodIntegration") or {}
        sources = exchange.sources()
        values = tuple(value_of(name, sources) for name in integration.get("cacheKeyParameters") or [])
        namespace = integration.get("cacheNamespace") or exchange.resource["id"]
        return (exchange.api.id, exchange.stage["stageName"], namespace, exchange.incoming.verb, values)
