"""Resolves dynamic references, and template parameters that name an SSM parameter.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import TemplateError
from localaws.resource_types.base import Clients
from localaws.template.intrinsics import DYNAMIC_SERVICES


class Lookup:
    """Reads values from local SSM and Secrets Manager."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def parameter(self, name: str) -> str:
        """The value of an SSM parameter, `name` or `name:version`; raises TemplateError if there's none."""
        try:
            answer = self._clients("ssm").get_parameter(Name=name, WithDecryption=True)
        except ClientError:
            raise TemplateError(f"SSM has no parameter {name}. Create it first: aws ssm put-parameter.") from None
        return str(answer["Parameter"]["Value"])

    def dynamic(self, reference: str) -> str:
        """The value of `ssm:name:version` or `secretsmanager:id:SecretString:key`; raises TemplateError."""
        service, _, rest = reference.partition(":")
        if service in ("ssm", "ssm-secure"):
            return self.parameter(rest)
        if service == "secretsmanager":
            return self._secret(rest)
        raise TemplateError(
            f"{{{{resolve:{reference}}}}}: local AWS supports references to {', '.join(DYNAMIC_SERVICES)}."
        )

    def _secret(self, rest: str) -> str:
        # An ARN contains six colons.
        parts = rest.split(":")
        identifier, tail = (":".join(parts[:7]), parts[7:]) if rest.startswith("arn:") else (parts[0], parts[1:])
        _, key, stage, version = (*tail, *[""] * 4)[:4]
        chosen: dict[str, Any] = {"VersionStage": stage} if stage else {}
        chosen |= {"VersionId": version} if version else {}
        try:
            text = self._clients("secretsmanager").get_secret_value(SecretId=identifier, **chosen)["SecretString"]
        except ClientError:
            raise TemplateError(f"Secrets Manager has no secret {identifier}.") from None
        if not key:
            return str(text)
        try:
            return str(json.loads(text)[key])
        except (ValueError, KeyError, TypeError):
            raise TemplateError(f"The secret {identifier} has no key {key}.") from None
