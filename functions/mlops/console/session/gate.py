"""The session of a request, and what it may do: what every page but sign-in depends on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from mlops.authorization.grants import Grant
from mlops.console.session.session import COOKIE, Session
from mlops.console.session.tables import Keys, Sessions
from mlops.errors.authorization import NotPermitted
from mlops.errors.console import RequestForged, SignInNeeded
from mlops.errors.registry import ModelNotFound

MOST_BYTES = 64_000
"""Of a form's body."""


class Gate:
    """Finds the session of requests, by the two tables; `now` is in epoch seconds.

    `verify` gives what a token of the API's issuer grants; without it no tokens are taken.
    """

    def __init__(
        self,
        sessions: Sessions,
        keys: Keys,
        now: Callable[[], float],
        verify: Callable[[str], Grant] | None = None,
    ) -> None:
        self.sessions, self.keys, self.now, self.verify = sessions, keys, now, verify

    def find(self, request: Request) -> Session:
        """The session of a request. Raises SignInNeeded, and TableUnavailable.

        A key that was revoked ends its sessions at once, and one that has other scopes by now gives them those.
        """
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            raise SignInNeeded("nobody is signed in")
        session = Session.read(cookie, self.sessions.secret(), int(self.now()))
        if session is None or self.sessions.has_ended(session):
            raise SignInNeeded("the session has ended")
        if session.key is None:
            return session
        grant = self.keys.find(session.key)
        if grant is None:
            raise SignInNeeded("the key was revoked or has expired")
        return replace(session, scopes=grant.scopes, models=grant.models)


def read_session(request: Request) -> Session:
    """The session of a request that shows something. Raises SignInNeeded, NotPermitted and ModelNotFound."""
    gate: Gate = request.app.state.gate
    session = gate.find(request)
    request.state.session = session
    if not session.may("read"):
        raise NotPermitted(f"it needs the scope read, and {session.name!r} hasn't got it")
    model = request.path_params.get("model")
    if model is not None and not session.sees(model):
        raise ModelNotFound(model)
    return session


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises RequestForged for one that another site may have sent, or that is no form."""
    demand_own_origin(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise RequestForged("it's no form")
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise RequestForged(f"the form has more than {MOST_BYTES:,} bytes")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


Reader = Annotated[Session, Depends(read_session)]
Form = Annotated[dict[str, str], Depends(read_form)]


def operator_session(request: Request, session: Reader, form: Form) -> Session:
    """The session of a form that changes something. Raises RequestForged, NotPermitted."""
    gate: Gate = request.app.state.gate
    if not session.sent(form.get("form_token", ""), gate.sessions.secret()):
        raise RequestForged("its form isn't one of this session; load the page again")
    if not session.may("operate"):
        raise NotPermitted(f"it needs the scope operate, and {session.name!r} hasn't got it")
    return session


Operator = Annotated[Session, Depends(operator_session)]


def demand_own_origin(request: Request) -> None:
    """Raise RequestForged for a form that a browser sends from another site.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; what isn't a browser has no cookie that it didn't get here.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise RequestForged("another site sent it")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise RequestForged("another site sent it")
