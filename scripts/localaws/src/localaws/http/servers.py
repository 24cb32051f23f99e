"""Serves each API and function URL on its own port, in one event loop."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
import uvloop
from moto.awslambda.exceptions import UnknownFunctionException

from localaws.clock import Clock
from localaws.http.authorization.checks import Authorization
from localaws.http.fetch import Fetcher
from localaws.http.front import Front, Receive, Send
from localaws.http.header_names import HeaderNamesProtocol
from localaws.http.sites import Site, function_of
from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions
from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import Meter
from localaws.ports import demand_free, is_free
from localaws.runtime.errors import PoolClosed
from localaws.settings import Settings

Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
_AWS_URL = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::443)?")


class HttpServers:
    """Serves sites on 127.0.0.1, the first on the settings' http_port, each further one on the next free port."""

    def __init__(
        self, settings: Settings, functions: Functions, meter: Meter, clock: Clock, logs: LogWriter, guard: Guard
    ) -> None:
        self._settings, self._functions, self._meter, self._clock = settings, functions, meter, clock
        self._logs, self._guard = logs, guard
        self.authorization = Authorization(self._authorizer, clock.now, guard)
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="http-invoke")
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http-apis", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[int, uvicorn.Server, Any]] = {}
        self._of_host: Callable[[str], Application | None] = lambda _: None

    def start(self, site: Site) -> str:
        """Serve `site`; returns its URL. Raises PortInUse."""
        fetch = Fetcher(self._settings.endpoint_url, self._settings.region)
        front = Front(
            site,
            self._functions,
            self._workers,
            self._meter,
            self._clock,
            self._logs,
            self._guard,
            fetch,
            self.authorization,
            self._settings.region,
        )
        return self.serve(site.id, front)

    def serve_hosts(self, find: Callable[[str], Application | None]) -> None:
        """Serve other hosts on every port: `find` returns what serves the host of a request, or None."""
        self._of_host = find

    def localized(self, text: str) -> str:
        """A text with the AWS URLs of APIs that are served here replaced by their local ones."""

        def local(found: re.Match[str]) -> str:
            running = self._running.get(found[1])
            return f"http://localhost:{running[0]}" if running else found[0]

        return _AWS_URL.sub(local, text) if ".execute-api." in text else text

    def serve(self, site_id: str, application: Application) -> str:
        """Serve `application` on the next free port; returns its URL. Raises PortInUse."""
        with self._lock:
            taken = {port for port, _, _ in self._running.values()}
            port = _next_port(self._settings.http_port, taken)
            config = uvicorn.Config(
                self._by_host(application),
                http=HeaderNamesProtocol,
                host="127.0.0.1",
                port=port,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                # A client's own x-forwarded-… say nothing about the connection.
                proxy_headers=False,
                timeout_graceful_shutdown=2,
            )
            server = uvicorn.Server(config)
            started = threading.Event()
            task = asyncio.run_coroutine_threadsafe(_serve(server, started), self._loop)
            started.wait()
            self._running[site_id] = (port, server, task)
        return f"http://localhost:{port}"

    def _authorizer(self, sender: Sender, uri: str, payload: bytes) -> tuple[bytes, bool] | None:
        """Run an authorizer's function: its result, and whether it failed; None if it can't be invoked."""
        function = function_of(uri)
        if self._guard.denied(sender, "lambda:InvokeFunction", function):
            return None
        try:
            invocation = self._functions.invoke(function, None, payload).invocation
        except (UnknownFunctionException, PoolClosed, TooManyRequests):
            return None
        return invocation.payload, invocation.error is not None

    def _by_host(self, application: Application) -> Application:
        """An application that serves other hosts too."""

        async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
            other = None if host.startswith(b"localhost:") else self._of_host(host.decode("latin-1").split(":")[0])
            await (other or application)(scope, receive, send)

        return serve

    def stop(self, site_id: str) -> None:
        """Stop serving a site and free its port."""
        with self._lock:
            running = self._running.pop(site_id, None)
        if running:
            _, server, task = running
            server.should_exit = True
            task.result()

    def stop_all(self) -> None:
        """Stop serving all sites; `start` can be called again."""
        for site_id in list(self._running):
            self.stop(site_id)

    def close(self) -> None:
        """Stop all servers."""
        self.stop_all()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._workers.shutdown(wait=False, cancel_futures=True)


def _next_port(first: int, taken: set[int]) -> int:
    """The first port, as it was asked for, else the next one that nothing on this machine uses."""
    if first not in taken:
        demand_free(first, "--http-port")
        return first
    return next(port for port in range(first, 65536) if port not in taken and is_free(port))


async def _serve(server: uvicorn.Server, started: threading.Event) -> None:
    task = asyncio.ensure_future(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    started.set()
    await task
