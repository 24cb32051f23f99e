"""Mapping templates: what they can use, and their evaluation.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from localaws.vtl.errors import VtlError
from localaws.vtl.evaluate import as_json, references, render
from localaws.vtl.parser import parse
from localaws.vtl.paths import JsonPath, PathError
from localaws.vtl.syntax import Call, Literal, Node, Property
from localaws.vtl.values import METHODS, VtlObject, to_text


class Input(VtlObject):
    """`$input`: the body and the parameters of a request, or the body of an integration's response."""

    methods = frozenset({"json", "params", "path"})

    def __init__(self, body: str, parameters: Mapping[str, Mapping[str, str]]) -> None:
        self._body, self._parameters = body, parameters

    def call(self, name: str, arguments: list[Any]) -> Any:
        """`json(path)`, `path(path)`, `params()` or `params(name)`."""
        if name == "params":
            return self._params(*arguments)
        if name not in self.methods or len(arguments) != 1:
            raise ValueError(f"$input has no method {name} with {len(arguments)} arguments")
        value = JsonPath(arguments[0]).find(self._document())
        return as_json(value) if name == "json" else value

    def member(self, name: str) -> Any:
        """`body`."""
        return self._body if name == "body" else None

    def _params(self, name: str | None = None) -> Any:
        if name is None:
            return {kind: dict(values) for kind, values in self._parameters.items()}
        if name in self._parameters:
            return dict(self._parameters[name])
        # In the order path, query string, header.
        return next((self._parameters[kind][name] for kind in self._parameters if name in self._parameters[kind]), "")

    def _document(self) -> Any:
        try:
            return json.loads(self._body) if self._body else {}
        except ValueError:
            return self._body


def _escape_javascript(text: Any) -> str:
    escaped = json.dumps(to_text(text), ensure_ascii=True)[1:-1]
    return escaped.replace("'", "\\'").replace("/", "\\/")


def _parse_json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"$util.parseJson: {error}") from None


class Util(VtlObject):
    """`$util`."""

    methods = frozenset({"base64Decode", "base64Encode", "escapeJavaScript", "parseJson", "urlDecode", "urlEncode"})

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The result of a function of one argument."""
        if name not in self.methods or len(arguments) != 1:
            raise ValueError(f"$util has no method {name} with {len(arguments)} arguments")
        value = arguments[0]
        if name == "parseJson":
            return _parse_json(value)
        text = to_text(value)
        if name == "escapeJavaScript":
            return _escape_javascript(text)
        if name == "urlEncode":
            return quote_plus(text)
        if name == "urlDecode":
            return unquote_plus(text)
        return base64.b64encode(text.encode()).decode() if name == "base64Encode" else base64.b64decode(text).decode()

    def member(self, name: str) -> Any:  # noqa: ARG002
        """It has none."""
        return None


class Known(VtlObject):
    """`$context` or `$stageVariables`: what they lack is an empty string."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def call(self, name: str, arguments: list[Any]) -> Any:
        """`get(name)`."""
        if name != "get" or len(arguments) != 1:
            raise ValueError(f"there's no method {name}")
        return self.member(arguments[0])

    def member(self, name: str) -> Any:
        """The value of a name."""
        value = self._values.get(name)
        if isinstance(value, Mapping):
            return Known(value)
        return "" if value is None else value


_OBJECTS: dict[str, frozenset[str]] = {"input": Input.methods, "util": Util.methods}


def problems(text: str) -> Iterator[tuple[int, str]]:
    """What local AWS doesn't support in a template: the line, from 1, and what."""
    try:
        nodes = _compiled(text)
    except VtlError as error:
        yield error.line, error.what
        return
    for reference in references(nodes):
        for index, step in enumerate(reference.steps):
            known = _OBJECTS.get(reference.name) if index == 0 else None
            if isinstance(step, Call) and step.name not in (METHODS if known is None else known):
                yield reference.line, f"{reference.source}: the method {step.name} isn't supported"
            elif isinstance(step, Property) and known is not None and (reference.name, step.name) != ("input", "body"):
                yield reference.line, f"{reference.source}: ${reference.name} has no {step.name}"
            elif reference.name == "input" and index == 0 and isinstance(step, Call) and step.name != "params":
                for argument in step.arguments:
                    yield from _path_problem(reference.line, argument)


def _path_problem(line: int, argument: Any) -> Iterator[tuple[int, str]]:
    if isinstance(argument, Literal):
        try:
            JsonPath(str(argument.value))
        except PathError as error:
            yield line, str(error)


def evaluate(
    text: str,
    body: str,
    parameters: Mapping[str, Mapping[str, str]],
    context: Mapping[str, Any],
    variables: Mapping[str, str],
) -> tuple[str, dict[str, Any]]:
    """The output of a template, and what it has overridden in `$context`; raises VtlError.

    `parameters` are the request's `path`, `querystring` and `header`.
    """
    override: dict[str, Any] = {
        "requestOverride": {"path": {}, "header": {}, "querystring": {}},
        "responseOverride": {"header": {}},
    }
    names = {
        "input": Input(body, parameters),
        "util": Util(),
        "context": _Context(context, override),
        "stageVariables": Known(variables),
    }
    output, _ = render(_compiled(text), names)
    return output, override


class _Context(Known):
    """`$context`, whose requestOverride and responseOverride a template can set."""

    def __init__(self, values: Mapping[str, Any], override: dict[str, Any]) -> None:
        super().__init__(values)
        self._override = override

    def member(self, name: str) -> Any:
        return self._override[name] if name in self._override else super().member(name)


@lru_cache(maxsize=512)
def _compiled(text: str) -> tuple[Node, ...]:
    return tuple(parse(text))
