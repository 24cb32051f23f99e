"""Uvicorn with the limits of a container, in one process or several."""

from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from mlops.serving.container.protocol import LimitedProtocol
from mlops.serving.container.refusals import RefusalLog
from mlops.serving.container.settings import ContainerSettings
from mlops.telemetry import make_logger


class LimitedConfig(uvicorn.Config):
    """Uvicorn's configuration, with what LimitedProtocol reads of it: `limits`.

    Each prediction has its record, which holds more than an access log. `app` is an ASGI application, or where it is
    imported from, which several processes need.
    """

    def __init__(self, app: Any, settings: ContainerSettings, **more: Any) -> None:
        super().__init__(
            app,
            host=settings.serve_host,
            port=settings.serve_port,
            workers=settings.serve_workers,
            loop="uvloop",
            http=LimitedProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            timeout_keep_alive=settings.keep_alive_seconds,  # type: ignore[arg-type] # any number of seconds
            timeout_graceful_shutdown=settings.shutdown_seconds,
            **more,
        )
        self.settings = settings

    def load(self) -> None:
        """Import the application, and make what the connections of this process share."""
        super().load()
        lingering: set[LimitedProtocol] = set()
        self.limits = (self.settings, RefusalLog(make_logger()), lingering)


def run_server(app: str, settings: ContainerSettings) -> None:
    """Serve until SIGTERM or SIGINT; then open requests have `shutdown_seconds` to end."""
    config = LimitedConfig(app, settings)
    if settings.serve_workers == 1:
        uvicorn.Server(config).run()
    else:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
