"""The AWS endpoint: moto's services and local AWS's CloudFormation on one port."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from typing import Any

from flask import Flask, Response, request
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

from localaws import request_constraints
from localaws.admin import PREFIX
from localaws.iam.guard import Guard
from localaws.protocol_errors import answer_errors, failed, refusing, response, signed_for, unsupported
from localaws.s3.front import Front

_FORM = "application/x-www-form-urlencoded"
# Services whose resources moto stores without effect.
_REFUSED = {
    "pipes": "pipes aren't run",
}
# Services of moto that another one serves, since local AWS replaces them (rest/install.py).
_STAND_INS: dict[str, Any] = {"apigateway": "apigatewayv2"}


class Endpoint:
    """Serves the AWS APIs on 127.0.0.1 in a thread.

    `own` has, for the services that aren't moto's, a function that returns the class that implements it.
    `late` patches services of moto that are slow to import, before the first request for them.
    `request` is a context manager around each request, `guard` looks at who may do what; `admin` is the WSGI
    application of local AWS's own API.
    """

    def __init__(
        self,
        port: int,
        own: Mapping[str, Callable[[], type[BaseResponse]]],
        request: Callable[[], AbstractContextManager[None]],
        admin: Callable[[dict[str, Any], Any], Iterable[bytes]],
        guard: Guard,
        late: Mapping[str, Callable[[], None]],
    ) -> None:
        self._port, self._request, self._admin, self._guard = port, request, admin, guard
        self._own, self._late = own, late
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind the port and start serving."""
        # Its access log would print a line per request on the user's terminal.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        services = _Dispatcher(self._application)

        def application(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"].startswith(PREFIX):
                return self._admin(environ, start_response)
            try:
                denied = self._guard.check(environ)
            except json.JSONDecodeError as error:
                # What a request asks for is read from its JSON.
                asked = BackendRequest(environ)
                message = f"The request isn't JSON: {error}"
                unreadable = response("SerializationException", message, 400, signed_for(asked), asked)
                return unreadable(environ, start_response)
            if denied:
                start_response(denied.status, denied.headers)
                return [denied.body]
            with self._request():
                try:
                    return services(environ, start_response)
                except Exception as error:  # noqa: BLE001 (the client gets it)
                    # moto finds the service of a request by its headers, and fails if some are missing.
                    asked = BackendRequest(environ)
                    return failed(signed_for(asked), asked, error)(environ, start_response)

        handler = _handler(self._guard.now)
        self._server = make_server("127.0.0.1", self._port, application, threaded=True, request_handler=handler)
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
        if service is None:
            return refusing(None, "moto doesn't have it")
        if service in _REFUSED:
            return refusing(service, _REFUSED[service])
        if service in self._late:
            self._late[service]()
        if service not in self._own:
            application = create_backend_app(_STAND_INS.get(service, service))
            # In debug mode, which moto sets, Flask makes a class for each request, and a cycle that keeps its body.
            application.debug = False
            application.config["PROPAGATE_EXCEPTIONS"] = True
            if service == "s3":
                application.request_class = ObjectRequest
                front = Front(self._guard, partial(unsupported, "s3"))
                application.before_request(front.before)
                # The first one is called last: after the one by which moto allows every origin.
                application.after_request_funcs.setdefault(None, []).insert(0, front.after)
        else:
            application = Flask(service)
            application.request_class = BackendRequest
            view = convert_to_flask_response(self._own[service]().dispatch)
            # Those of REST services have a path each.
            for rule in ("/", "/<path:path>"):
                application.add_url_rule(rule, rule, methods=HTTP_METHODS, view_func=view)
        if service in request_constraints.CODES:
            handlers = {self._own[service]()} if service in self._own else _handlers(service)
            application.before_request(partial(_refuse_by_model, service, handlers))
        answer_errors(application, service)
        return application


def _handlers(service: str) -> set[type]:
    """The classes by which moto, and what replaces parts of it, answer the requests to a service."""
    paths: Mapping[str, Any] = import_module(f"moto.{service}.urls").url_paths
    return {answer.__self__ for answer in paths.values()}


def _refuse_by_model(service: str, handlers: Collection[type]) -> Response | None:
    return request_constraints.refusal(service, request, handlers)


class _Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher, which loses the body of an unsigned request if it isn't the text that its type says."""

    def _get_body(self, environ: dict[str, Any]) -> str | None:
        """The body of a form, which is kept for the service."""
        size = environ.get("CONTENT_LENGTH") or "0"
        if not environ.get("CONTENT_TYPE", "").startswith(_FORM) or not size.isdigit():
            return None
        content = environ["wsgi.input"].read(int(size))
        environ["wsgi.input"] = io.BytesIO(content)
        return str(content, "utf-8", "replace")


class ObjectRequest(BackendRequest):
    """A request to S3, whose body is a form only if a browser uploads an object with it.

    The content type of any other request is the object's, and its body must be kept as it is.
    """

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether the body is a form."""
        return self.method == "POST" and not self.query_string and super().want_form_data_parsed


class _RequestHandler(MotoRequestHandler):
    # Without this, small responses wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    daemon_threads = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Log nothing; errors are returned to the client."""


def _handler(now: Callable[[], float]) -> type[_RequestHandler]:
    """A handler whose answers have the time of local AWS's clock as their Date."""

    class Handler(_RequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(now() if timestamp is None else timestamp)

    return Handler


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
