"""Secrets Manager: secrets."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, truth
from localaws.resource_types.support import NOT_ENCRYPTED, Rules, done

_GENERATED = (
    "ExcludeCharacters",
    "ExcludeLowercase",
    "ExcludeNumbers",
    "ExcludePunctuation",
    "ExcludeUppercase",
    "IncludeSpace",
    "PasswordLength",
    "RequireEachIncludedType",
)


class Secret:
    """AWS::SecretsManager::Secret, given or generated."""

    name = "AWS::SecretsManager::Secret"
    replaced_by = frozenset({"Name"})
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        **done("Description", "Name", "SecretString", "Tags"),
        "GenerateSecretString": done(
            "ExcludeCharacters",
            "ExcludeLowercase",
            "ExcludeNumbers",
            "ExcludePunctuation",
            "ExcludeUppercase",
            "GenerateStringKey",
            "IncludeSpace",
            "PasswordLength",
            "RequireEachIncludedType",
            "SecretStringTemplate",
        ),
        "KmsKeyId": NOT_ENCRYPTED,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the secret; its ARN is the value of Ref."""
        manager = scope.clients("secretsmanager")
        arn = manager.create_secret(
            Name=properties.get("Name") or scope.generated_name(),
            Description=properties.get("Description", ""),
            Tags=tag_list(properties.get("Tags")),
            SecretString=_value(manager, properties),
        )["ARN"]
        return Deployed(arn, {"Id": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the value; a generated one is kept unless GenerateSecretString changes."""
        manager = scope.clients("secretsmanager")
        for source in ("SecretString", "GenerateSecretString"):
            if old.get(source) != new.get(source) and source in new:
                manager.put_secret_value(SecretId=physical_id, SecretString=_value(manager, new))
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the secret immediately."""
        manager = scope.clients("secretsmanager")
        try:
            manager.delete_secret(SecretId=physical_id, ForceDeleteWithoutRecovery=True)
        except manager.exceptions.ResourceNotFoundException:
            return


def _value(manager: Any, properties: Properties) -> str:
    generation = properties.get("GenerateSecretString")
    if generation is None:
        return str(properties.get("SecretString", ""))
    options: dict[str, Any] = {key: generation[key] for key in _GENERATED if key in generation}
    for key, value in options.items():
        if key == "PasswordLength":
            options[key] = int(value)
        elif key != "ExcludeCharacters":
            options[key] = truth(value)
    password = manager.get_random_password(**options)["RandomPassword"]
    if "SecretStringTemplate" not in generation:
        return str(password)
    return json.dumps(json.loads(generation["SecretStringTemplate"]) | {generation["GenerateStringKey"]: password})
