"""Sign-in by a key, a token or a one-time link, and sign-out."""

from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from mlops.authorization.tokens import is_token
from mlops.console.log import log_sign_in
from mlops.console.page import HOME, render, set_cookie
from mlops.console.session.gate import Form, Gate
from mlops.console.session.session import COOKIE, Session
from mlops.errors.authorization import NotAuthenticated
from mlops.errors.console import SignInNeeded

router = APIRouter()
SIGN_IN = f"{HOME}/sign-in"
_SEE_OTHER, _UNAUTHORIZED = 303, 401


@router.get(SIGN_IN)
def show_sign_in(
    request: Request,
    link: Annotated[str, Query()] = "",
    next: Annotated[str, Query()] = HOME,  # noqa: A002
) -> Response:
    """The form for a key; of a link, the button that uses it: what only looks at links uses none up."""
    return render(request, "sign_in.html.jinja", link=link, next=_own_path(next), reason=None)


@router.post(SIGN_IN)
def sign_in(request: Request, form: Form) -> Response:
    """A session for whoever has a key, a token, or a link that nobody has used."""
    gate: Gate = request.app.state.gate
    now = int(gate.now())
    link, given, after = form.get("link", ""), form.get("key", "").strip(), _own_path(form.get("next", HOME))
    by = "link" if link else "token" if gate.verify and is_token(given) else "key"
    session = _OPEN[by](gate, link or given, now)
    if session is None:
        log_sign_in(None, by)
        return render(request, "sign_in.html.jinja", _UNAUTHORIZED, link="", next=after, reason=_REFUSED[by])
    log_sign_in(session.name, by)
    response = RedirectResponse(after, _SEE_OTHER)
    set_cookie(request, response, session)
    return response


@router.post(f"{HOME}/sign-out")
def sign_out(request: Request, form: Form) -> Response:
    """End the session, also for whoever has a copy of its cookie."""
    gate: Gate = request.app.state.gate
    try:
        session = gate.find(request)
    except SignInNeeded:
        session = None
    # Another site can't end a session: the form has its token.
    if session and session.sent(form.get("form_token", ""), gate.sessions.secret()):
        gate.sessions.end(session)
    response = RedirectResponse(SIGN_IN, _SEE_OTHER)
    response.delete_cookie(COOKIE, path=HOME)
    return response


def _of_link(gate: Gate, token: str, now: int) -> Session | None:
    link = gate.sessions.take(token, now)
    return Session.begin(link.name, link.scopes, now=now) if link else None


def _of_key(gate: Gate, key: str, now: int) -> Session | None:
    grant = gate.keys.use(key)
    return Session.begin(grant.name, grant.scopes, grant.models, now=now, key=grant.digest) if grant else None


def _of_token(gate: Gate, token: str, now: int) -> Session | None:
    """Nobody can revoke a token, so that the session is over when it is."""
    assert gate.verify
    try:
        grant = gate.verify(token)
    except NotAuthenticated:
        return None
    return Session.begin(grant.name, grant.scopes, grant.models, now=now, expires=grant.expires)


_OPEN: Mapping[str, Callable[[Gate, str, int], Session | None]] = {
    "link": _of_link,
    "token": _of_token,
    "key": _of_key,
}
_REFUSED = {
    "link": "This link was used already, or is older than an hour.",
    "token": "This token isn't valid here: it's expired, for another audience, or of another issuer.",
    "key": "This key is unknown, revoked or expired.",
}


def _own_path(path: str) -> str:
    """The path to go to after sign-in, if it's one of the console's; its first page otherwise."""
    parts = urlsplit(path)
    is_own = not parts.scheme and not parts.netloc and (parts.path == HOME or parts.path.startswith(f"{HOME}/"))
    return path if is_own and "\\" not in path and path.isprintable() else HOME
