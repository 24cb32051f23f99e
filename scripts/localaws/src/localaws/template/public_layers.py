"""Layers that others publish for all, and the packages that stand for them on this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ARN = re.compile(r"arn:[^:]+:lambda:[^:]*:([^:]+):layer:([^:]+):")


@dataclass(frozen=True)
class PublicLayer:
    """A published layer: its name there, and what's installed for it."""

    name: str
    requirement: str


_KNOWN = (
    (re.compile(r"AWSLambdaPowertoolsPython.*"), "aws-lambda-powertools[all]"),
    (re.compile(r"AWSSDKPandas-Python.*"), "awswrangler"),
)
NAMES = "AWSLambdaPowertoolsPython…, AWSSDKPandas-Python…"


def account_of(layer: Any) -> str | None:
    """The account that publishes the layer that a template names by an ARN; None for another way of naming one."""
    found = _ARN.match(_text(layer))
    return found[1] if found else None


def public_layer(layer: Any) -> PublicLayer | None:
    """What stands for a layer that a template names by its ARN, as text or as Fn::Sub; None if nothing does."""
    found = _ARN.match(_text(layer))
    if not found:
        return None
    known = (PublicLayer(found[2], requirement) for pattern, requirement in _KNOWN if pattern.fullmatch(found[2]))
    return next(known, None)


def _text(layer: Any) -> str:
    if isinstance(layer, Mapping) and "Fn::Sub" in layer:
        layer = layer["Fn::Sub"]
        layer = layer[0] if isinstance(layer, list) else layer
    # Variables in an ARN have colons of their own.
    return re.sub(r"\$\{[^}]*\}", "x", layer) if isinstance(layer, str) else ""
