"""The API in a server of its own thread, on a free port of this machine, as a container would run it."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from threading import Thread
from typing import Any

import uvicorn

from mlops.authorization.check import Checker
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.keys import digest
from mlops.registry.store import Store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger


def _checker(key: str) -> Checker:
    """The check of keys, of which there is one."""
    grant = Grant(digest(key), "client", frozenset(SCOPES), created=0)
    return Checker({grant.digest: grant}.get, lambda *_: None)


@contextmanager
def serve(store: Store, key: str | None = None, **settings_given: Any) -> Iterator[str]:
    """Serve the store's models, with settings; to those alone who have the key, if there is one. Gives host:port."""
    given = {"models_bucket": "models", "authorization": "keys" if key else "open"}
    settings = ApiSettings.model_validate(given | settings_given)
    log = ServingLog(make_logger(TextIOWrapper(BytesIO())), "", Recording())
    models = ServedModels(store, settings, log)
    models.warm_up()
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(settings, store, models, log, checker=_checker(key) if key else None)
    config = uvicorn.Config(app, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
