"""What every page shares: templates and their filters, the cookie, the signed-in person's name and form token."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup
from pydantic_core import to_json
from starlette.responses import HTMLResponse, Response

from mlops.console.assets import Assets
from mlops.console.navigation import MODEL_PAGES, SITE_PAGES, list_tabs
from mlops.console.readers.readers import Readers
from mlops.console.readers.registry import Measured
from mlops.console.session.gate import Gate
from mlops.console.session.session import COOKIE, LONGEST, Session
from mlops.monitoring.report.page import FILTERS
from mlops.pages.environment import make_environment
from mlops.pages.numbers import NOTHING, write_number
from mlops.registry.manifest.evidence import Estimate

HOME = "/console"
_REPORT = Path(__file__).parents[1] / "monitoring" / "report"


def make_pages(assets: Assets) -> Environment:
    """The templates of the console, which may include the sections of monitoring's report."""
    environment = make_environment(Path(__file__).parent / "templates", _REPORT)
    environment.filters.update(FILTERS, when=write_time, estimate=write_estimate, measured=write_measured)
    environment.filters.update(exactly=write_exact_time, cell=write_cell, chance=write_chance, plain=write_plain)
    environment.globals.update(home=HOME, asset=assets.path_of, to=link_to)
    return environment


def render(request: Request, template: str, status: int = 200, **content: Any) -> HTMLResponse:
    """A page. The session of whoever looks at it is renewed, unless the page renews itself."""
    session: Session | None = getattr(request.state, "session", None)
    gate: Gate = request.app.state.gate
    pages: Environment = request.app.state.pages
    token = session.form_token(gate.sessions.secret()) if session else ""
    content |= {"session": session, "form_token": token, "path": request.url.path}
    content |= {"takes_tokens": gate.verify is not None}
    content |= {"site_tabs": list(list_tabs(SITE_PAGES, HOME, request.url.path))}
    if "model" in content:
        readers: Readers = request.app.state.readers
        model, kind = content["model"], readers.registry.kind(content["model"])
        content["tabs"] = list_tabs(MODEL_PAGES, link_to(model), request.url.path, kind)
    text = pages.get_template(template).render(content)
    response = HTMLResponse(text, status)
    if session and "hx-request" not in request.headers:
        set_cookie(request, response, session.renewed(int(gate.now())))
    return response


def set_cookie(request: Request, response: Response, session: Session) -> None:
    """Give the browser the session: no script can read it, no other site's form sends it."""
    gate: Gate = request.app.state.gate
    response.set_cookie(
        COOKIE,
        session.write(gate.sessions.secret()),
        max_age=LONGEST,
        path=HOME,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def write_time(moment: datetime | None) -> Markup | str:
    """A moment, in UTC until the page's script writes it in the viewer's time zone."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M} UTC</time>').format(utc.isoformat(timespec="seconds"), utc)


def write_exact_time(moment: datetime | None) -> Markup | str:
    """The same to the second."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(UTC)
    time = Markup('<time class="exact" datetime="{}">{:%Y-%m-%d %H:%M:%S} UTC</time>')
    return time.format(utc.isoformat(timespec="seconds"), utc)


def write_cell(value: Any) -> str:
    """A cell of a row, or a member of a record, whatever it is."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return write_plain(value)
    return value if isinstance(value, str) else to_json(value, inf_nan_mode="constants").decode()


def write_chance(value: float | None) -> str:
    """A probability to four places."""
    return NOTHING if value is None else f"{value:.4f}"


def write_plain(value: float) -> str:
    """A number with all digits that matter, as forms and JSON take it."""
    return f"{value:.12g}"


def write_estimate(estimate: Estimate | None) -> Markup | str:
    """A metric with its interval."""
    if estimate is None:
        return NOTHING
    interval = estimate.interval
    ends = (interval.low, interval.high) if interval else ()
    return write_measured(Measured(estimate.value, *ends))


def write_measured(measured: Measured | None) -> Markup | str:
    """A metric with the ends of its interval."""
    if measured is None or measured.value is None:
        return NOTHING
    value, low, high = map(write_number, measured)
    return Markup("{} <small>{} to {}</small>").format(value, low, high) if measured.low is not None else value


def link_to(model: str, *parts: str | int, **query: str | int) -> str:
    """The path of a page of a model."""
    path = "/".join((HOME, "models", quote(model, ""), *(quote(str(part), "") for part in parts)))
    return path + ("?" + "&".join(f"{key}={quote(str(value), '')}" for key, value in query.items()) if query else "")
