"""The AWS endpoint: moto's services, and our CloudFormation, behind one port."""

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

# Services that moto stores things for but never acts on.
_IDLE = {
    "kinesis": "streams aren't read",
    "dynamodbstreams": "streams aren't read",
    "pipes": "pipes aren't run",
    "stepfunctions": "state machines aren't run",
    "firehose": "streams aren't delivered",
}


class Endpoint:
    """Serves the AWS APIs on 127.0.0.1 from a thread of its own; `cloudformation` answers that service.

    `request` is entered around each request; `admin` answers what's asked of local AWS itself.
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
        """Bind the port and serve; requests are answered when this returns."""
        # Its access log would be one line a request on the user's terminal.
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
        if service in _IDLE:
            return _refusal(service)
        if service != "cloudformation":
            return create_backend_app(service)
        application = Flask("cloudformation")
        application.request_class = BackendRequest
        view = convert_to_flask_response(self._cloudformation().dispatch)
        application.add_url_rule("/", "dispatch", methods=HTTP_METHODS, view_func=view)
        return application


def _refusal(service: str) -> Flask:
    """An application that says to every request that local AWS doesn't do this service."""
    code, message = "UnsupportedByLocalAws", f"Local AWS doesn't do {service}: {_IDLE[service]}."
    application = Flask(service)

    def refuse(path: str) -> Any:  # noqa: ARG001 (Flask passes it)
        body = {"__type": code, "Code": code, "message": message}
        return body, 501, {"x-amzn-errortype": code}

    for rule in ("/", "/<path:path>"):
        defaults = {"path": ""} if rule == "/" else None
        application.add_url_rule(rule, rule, refuse, methods=HTTP_METHODS, defaults=defaults)
    return application


class _RequestHandler(MotoRequestHandler):
    # Without this, small answers wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    daemon_threads = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Say nothing; errors reach the client."""


def known_services(names: Iterable[str]) -> None:
    """Import the services that a template needs now, so that the first request doesn't wait."""
    from moto import backends

    for name in names:
        backends.get_backend(name)  # type: ignore[call-overload]


def reset_services() -> None:
    """Forget everything that moto's services hold."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()
