"""The AWS endpoint."""

import gc
from contextlib import nullcontext
from typing import Any

from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from localaws.endpoint import Endpoint


def test_a_request_is_gone_with_its_answer() -> None:
    anything: Any = None
    application = Endpoint(0, {}, nullcontext, anything, anything, {})._application("sqs")
    headers = [("X-Amz-Target", "AmazonSQS.ListQueues"), ("Content-Type", "application/x-amz-json-1.0")]
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            environ = EnvironBuilder(method="POST", data=b"{}", headers=headers).get_environ()
            _, status, _ = run_wsgi_app(application, environ, buffered=True)
            assert status == "200 OK"
            del environ
        # One that waits for the garbage collector would keep a body of megabytes for minutes.
        assert not [found for found in gc.get_objects() if isinstance(found, BackendRequest)]
    finally:
        gc.enable()
