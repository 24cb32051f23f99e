"""Serves each HTTP API and function URL on its own port, in one event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
import uvloop

from localaws.clock import Clock
from localaws.http.front import Front
from localaws.http.sites import Site
from localaws.lambdas.functions import Functions
from localaws.metrics import Meter
from localaws.ports import demand_free
from localaws.settings import Settings


class HttpServers:
    """Serves sites on 127.0.0.1, the first on the settings' http_port, each further one on the next free port."""

    def __init__(self, settings: Settings, functions: Functions, meter: Meter, clock: Clock) -> None:
        self._settings, self._functions, self._meter, self._clock = settings, functions, meter, clock
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="http-invoke")
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http-apis", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[int, uvicorn.Server, Any]] = {}

    def start(self, site: Site) -> str:
        """Serve `site`; returns its URL. Raises PortInUse."""
        with self._lock:
            taken = {port for port, _, _ in self._running.values()}
            port = next(p for p in range(self._settings.http_port, 65536) if p not in taken)
            demand_free(port, "--http-port")
            front = Front(site, self._functions, self._workers, self._meter, self._clock)
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
            self._running[site.id] = (port, server, task)
        return f"http://localhost:{port}"

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


async def _serve(server: uvicorn.Server, started: threading.Event) -> None:
    task = asyncio.ensure_future(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    started.set()
    await task
