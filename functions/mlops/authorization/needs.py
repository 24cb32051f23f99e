"""What a request needs: the scope of its path, those of what it wants besides, and the model that the path names."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mlops.authorization.grants import Scope

# The only path that anybody may ask.
OPEN = "/health"
_READS = ("GET", "HEAD", "OPTIONS")
# The last part of a path for POST → its scope. All other paths but GET's need `operate`, so that a new one is closed.
_BY_ENDING: Mapping[str, Scope] = {
    "predict": "predict",
    "recommend": "predict",
    "invocations": "predict",
    "infer": "predict",
    "feedback": "feedback",
}


@dataclass(frozen=True)
class Need:
    """A scope, and the model that the request is about; None if it's about none in particular.

    `also` are scopes that it needs besides: `explain` for an explained answer, `versions` for a particular version.
    """

    scope: Scope
    model: str | None
    also: tuple[Scope, ...] = ()


def is_open(method: str, path: str) -> bool:
    """Whether anybody may ask."""
    return path == OPEN and method in ("GET", "HEAD")


def need_of(method: str, path: str, default_model: str, default_recommender: str, *, query: bytes) -> Need | None:
    """What a request needs; None if it's open to anybody. `path` is decoded, as the router matches it."""
    if is_open(method, path):
        return None
    parts = [part for part in path.split("/") if part]
    scope: Scope = "read" if method in _READS else "operate"
    if method == "POST" and parts:
        scope = _BY_ENDING.get(parts[-1], scope)
    return Need(scope, _model(parts, default_model, default_recommender), extras_of(path, query))


def extras_of(path: str, query: bytes) -> tuple[Scope, ...]:
    """The scopes for what a request wants that not everybody may have: an explanation, a particular version."""
    extras: list[Scope] = []
    # Whatever else stands there isn't taken as false by those who read it.
    if query and any(name == "explain" and value != "false" for name, value in _pairs(query)):
        extras.append("explain")
    if _named([part for part in path.split("/") if part])[2:3] == ["versions"]:
        extras.append("versions")
    return tuple(extras)


def _named(parts: list[str]) -> list[str]:
    """`models`, a model's name, and what follows; nothing if the path names none."""
    rest = parts[1:] if parts[:1] == ["v2"] else parts
    return rest if rest[:1] == ["models"] else []


def _pairs(query: bytes) -> list[tuple[str, str]]:
    """The parameters of a query, as Starlette reads them."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def _model(parts: list[str], default_model: str, default_recommender: str) -> str | None:
    """The model that a path names, or whose path it is without a name."""
    rest = _named(parts)
    if len(rest) > 1:
        return rest[1]
    defaults = {"predict": default_model, "invocations": default_model, "recommend": default_recommender}
    return defaults.get(parts[0]) if len(parts) == 1 else None
