"""An issuer of tokens that serves its discovery document and its keys on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


class Issuer:
    """Signs tokens for the audience `mine`; `now` gives their time, `fetched` are the paths that were asked for."""

    def __init__(self, url: str, now: Callable[[], float]) -> None:
        self.url, self.now, self.fetched = url, now, list[str]()
        self.keys = {"first": RSAKey.generate_key(2048)}

    def documents(self) -> dict[str, Any]:
        """Path → what is served there."""
        public = [{**key.as_dict(private=False), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"},
            "/jwks": {"keys": public},
        }

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a valid token, with changes; None takes one away."""
        now = int(self.now())
        claims = {"iss": self.url, "aud": "mine", "sub": "ann", "iat": now - 1, "nbf": now - 1, "exp": now + 3600}
        return {name: value for name, value in (claims | changed).items() if value is not None}

    def token(self, kid: str = "first", alg: str = "RS256", key: Any = None, **changed: Any) -> str:
        """A token, signed by one of the keys or by another one."""
        header = {"alg": alg, "kid": kid}
        return jwt.encode(header, self.claims(**changed), key or self.keys[kid], algorithms=[alg])


@contextmanager
def issuer(now: Callable[[], float]) -> Iterator[Issuer]:
    """An issuer on a free port, whose clock is `now`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.fetched.append(self.path)
            found = served.documents().get(self.path)
            body = json.dumps(found).encode()
            self.send_response(200 if found else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Issuer(f"http://127.0.0.1:{server.server_port}", now)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
