"""Expands a SAM template with AWS's own translator."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Mapping
from typing import Any

from localaws.errors import TransformFailed

SAM = "AWS::Serverless-2016-10-31"
LANGUAGE = "AWS::LanguageExtensions"


class _ManagedPolicies:
    """Replaces the translator's lookup of AWS-managed policies in the account."""

    def load(self) -> dict[str, str]:
        return {}


def uses_sam(body: Mapping[str, Any]) -> bool:
    """Whether the template has the SAM transform."""
    return SAM in transforms(body)


def transforms(body: Mapping[str, Any]) -> list[str]:
    """The transforms of the template."""
    declared = body.get("Transform", [])
    return declared if isinstance(declared, list) else [declared]


def expand(body: Mapping[str, Any], parameters: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Expand a SAM template to a CloudFormation template; other templates are returned unchanged.

    Raises TransformFailed with the translator's message if the template is invalid.
    """
    result = copy.deepcopy(dict(body))
    if not uses_sam(body):
        return result
    # Imported here because it takes half a second, which a plain template doesn't need.
    from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-untyped]
    from samtranslator.translator.transform import transform  # type: ignore[import-untyped]

    values = {name: spec.get("Default") for name, spec in body.get("Parameters", {}).items()}
    values = {name: value for name, value in (values | dict(parameters)).items() if value is not None}
    # It logs warnings about usage metrics, which aren't sent.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # The translator reads the region from the environment only.
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    try:
        expanded: dict[str, Any] = transform(result, values, _ManagedPolicies(), passthrough_metadata=True)
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise TransformFailed(f"Transform {SAM} failed: {error.message} {causes}".rstrip()) from None
    expanded["Transform"] = [name for name in transforms(body) if name != SAM]
    return expanded
