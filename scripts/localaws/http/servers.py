"""A server for each HTTP API, on a port of its own, from one event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from moto.apigatewayv2 import models
from moto.apigatewayv2.exceptions import BadRequestException

from localaws.http.front import Front
from localaws.lambdas.functions import Functions
from localaws.ports import demand_free
from localaws.seams import Seams
from localaws.settings import Settings


class HttpServers:
    """Serves HTTP APIs on 127.0.0.1, the first on the settings' http_port and each further one on the next."""

    def __init__(self, settings: Settings, functions: Functions) -> None:
        self._settings, self._functions = settings, functions
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="http-invoke")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http-apis", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[int, uvicorn.Server, Any]] = {}

    def start(self, api: Any) -> str:
        """Serve `api`; returns its URL. Raises PortInUse."""
        with self._lock:
            taken = {port for port, _, _ in self._running.values()}
            port = next(p for p in range(self._settings.http_port, 65536) if p not in taken)
            demand_free(port, "--http-port")
            front = Front(api, self._functions, self._workers, self._settings.integration_timeout)
            config = uvicorn.Config(
                front,
                host="127.0.0.1",
                port=port,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=2,
            )
            server = uvicorn.Server(config)
            started = threading.Event()
            task = asyncio.run_coroutine_threadsafe(_serve(server, started), self._loop)
            started.wait()
            self._running[api.api_id] = (port, server, task)
        return f"http://localhost:{port}"

    def stop(self, api_id: str) -> None:
        """Stop serving an API and free its port."""
        with self._lock:
            running = self._running.pop(api_id, None)
        if running:
            _, server, task = running
            server.should_exit = True
            task.result()

    def close(self) -> None:
        """Stop all servers."""
        for api_id in list(self._running):
            self.stop(api_id)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._workers.shutdown(wait=False, cancel_futures=True)


async def _serve(server: uvicorn.Server, started: threading.Event) -> None:
    task = asyncio.ensure_future(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    started.set()
    await task


def install(seams: Seams, servers: HttpServers) -> None:
    """Serve each HTTP API that's created, and give it its local URL as endpoint."""

    def created(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_api(self: Any, *args: Any, **options: Any) -> Any:
            kind = options.get("protocol_type")
            if kind != "HTTP":
                raise BadRequestException(f"Local AWS serves HTTP APIs, not {kind}.")
            if options.get("cors_configuration"):
                raise BadRequestException("Local AWS doesn't do CorsConfiguration.")
            api = original(self, *args, **options)
            api.api_endpoint = servers.start(api)
            return api

        return create_api

    def deleted(original: Callable[..., None]) -> Callable[..., None]:
        def delete_api(self: Any, api_id: str) -> None:
            servers.stop(api_id)
            original(self, api_id)

        return delete_api

    def integrated(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_integration(self: Any, *args: Any, **options: Any) -> Any:
            kind, version = options.get("integration_type"), options.get("payload_format_version")
            if kind != "AWS_PROXY" or version != "2.0":
                raise BadRequestException(
                    f"Local AWS does AWS_PROXY integrations with payload format 2.0, not {kind} with {version}."
                )
            return original(self, *args, **options)

        return create_integration

    backend = models.ApiGatewayV2Backend
    seams.replace(backend, "create_api", created)
    seams.replace(backend, "delete_api", deleted)
    seams.replace(backend, "create_integration", integrated)
