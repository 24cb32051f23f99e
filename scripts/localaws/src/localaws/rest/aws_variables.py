"""AWS variables of OpenAPI documents, which API Gateway resolves when a document is imported.

https://docs.aws.amazon.com/apigateway/latest/developerguide/import-api-aws-variables.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.settings import ACCOUNT


def resolved(value: Any, region: str) -> Any:
    """A part of a document with its variables replaced by their values."""
    if isinstance(value, str):
        for name, known in (("AccountId", ACCOUNT), ("Partition", "aws"), ("Region", region)):
            value = value.replace(f"${{AWS::{name}}}", known)
        return value
    if isinstance(value, Mapping):
        return {key: resolved(each, region) for key, each in value.items()}
    return [resolved(each, region) for each in value] if isinstance(value, list) else value
