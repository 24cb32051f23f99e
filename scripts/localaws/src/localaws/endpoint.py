"""The AWS endpoint: moto's services and local AWS's CloudFormation on one port."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from moto.core.responses import BaseResponse
from moto.core.utils import convert_to_flask_response
from moto.moto_server.werkzeug_app import (
    HTTP_METHODS,
    BackendRequest,
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from localaws.admin import PREFIX

# Services whose resources moto stores without effect.
_REFUSED = {
    "kinesis": "streams aren't read",
    "dynamodbstreams": "streams aren't read",
    "pipes": "pipes aren't run",
    "stepfunctions": "state machines aren't run",
    "firehose": "streams aren't delivered",
}


class Endpoint:
    """Serves the AWS APIs on 127.0.0.1 in a thread; `cloudformation` returns the class that implements that service.

    `request` is a context manager around each request; `admin` is the WSGI application of local AWS's own API.
    """

    def __init__(
        self,
        port: int,
        cloudformation: Callable[[], type[BaseResponse]],
        request: Callable[[], AbstractContextManager[None]],
        admin: Callable[[dict[str, Any], Any], Iterable[bytes]],
    ) -> None:
        self._port, self._request, self._admin = port, request, admin
        self._cloudformation = cloudformation
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind the port and start serving."""
        # Its access log would print a line per request on the user's terminal.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        services = DomainDispatcherApplication(self._application)

        def application(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"].startswith(PREFIX):
                return self._admin(environ, start_response)
            with self._request():
                return services(environ, start_response)

        self._server = make_server("127.0.0.1", self._port, application, threaded=True, request_handler=_RequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="endpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def _application(self, service: Any) -> Flask:
        if service in _REFUSED:
            return _refusal(service)
        if service != "cloudformation":
            return create_backend_app(service)
        application = Flask("cloudformation")
        application.request_class = BackendRequest
        view = convert_to_flask_response(self._cloudformation().dispatch)
        application.add_url_rule("/", "dispatch", methods=HTTP_METHODS, view_func=view)
        return application


def _refusal(service: str) -> Flask:
    """An application that refuses every request to an unsupported service."""
    code, message = "UnsupportedByLocalAws", f"Local AWS doesn't support {service}: {_REFUSED[service]}."
    application = Flask(service)

    def refuse(path: str) -> Any:  # noqa: ARG001 (Flask passes it)
        body = {"__type": code, "Code": code, "message": message}
        return body, 501, {"x-amzn-errortype": code}

    for rule in ("/", "/<path:path>"):
        defaults = {"path": ""} if rule == "/" else None
        application.add_url_rule(rule, rule, refuse, methods=HTTP_METHODS, defaults=defaults)
    return application


class _RequestHandler(MotoRequestHandler):
    # Without this, small responses wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    daemon_threads = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Log nothing; errors are returned to the client."""


def preload_services(names: Iterable[str]) -> None:
    """Import services at the start, so that the first request doesn't wait."""
    from moto import backends

    for name in names:
        backends.get_backend(name)  # type: ignore[call-overload]


def reset_services() -> None:
    """Delete the state of all of moto's services."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()
