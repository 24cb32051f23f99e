"""Public layers, and the packages that replace them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ARN = re.compile(r"arn:[^:]+:lambda:[^:]*:([^:]+):layer:([^:]+):")


@dataclass(frozen=True)
class PublicLayer:
    """A public layer: its name, and the requirement that's installed for it."""

    name: str
    requirement: str


_KNOWN = (
    (re.compile(r"AWSLambdaPowertoolsPython.*"), "aws-lambda-powertools[all]"),
    (re.compile(r"AWSSDKPandas-Python.*"), "awswrangler"),
)
NAMES = "AWSLambdaPowertoolsPython…, AWSSDKPandas-Python…"


def account_of(layer: Any) -> str | None:
    """The account in the ARN of a layer; None if the layer isn't given by an ARN."""
    found = _ARN.match(_text(layer))
    return found[1] if found else None


def public_layer(layer: Any) -> PublicLayer | None:
    """The replacement of a layer that's given by its ARN, as a string or Fn::Sub; None if there's none."""
    found = _ARN.match(_text(layer))
    if not found:
        return None
    known = (PublicLayer(found[2], requirement) for pattern, requirement in _KNOWN if pattern.fullmatch(found[2]))
    return next(known, None)


def _text(layer: Any) -> str:
    if isinstance(layer, Mapping) and "Fn::Sub" in layer:
        layer = layer["Fn::Sub"]
        layer = layer[0] if isinstance(layer, list) else layer
    # Variables in an ARN may contain colons.
    return re.sub(r"\$\{[^}]*\}", "x", layer) if isinstance(layer, str) else ""
