"""Secrets Manager and KMS: secrets, keys and their aliases. Nothing is encrypted at rest."""

from __future__ import annotations

import json
from typing import Any

from localaws.resources.base import Deployed, Properties, Scope, tag_list, truth

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

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the secret; its ARN is what Ref gives."""
        manager = scope.clients("secretsmanager")
        arn = manager.create_secret(
            Name=properties.get("Name") or scope.generated_name(),
            Description=properties.get("Description", ""),
            Tags=tag_list(properties.get("Tags")),
            SecretString=_value(manager, properties),
        )["ARN"]
        return Deployed(arn, {"Id": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the new value; one that was generated stays unless the template asks for another kind."""
        manager = scope.clients("secretsmanager")
        for source in ("SecretString", "GenerateSecretString"):
            if old.get(source) != new.get(source) and source in new:
                manager.put_secret_value(SecretId=physical_id, SecretString=_value(manager, new))
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the secret at once."""
        manager = scope.clients("secretsmanager")
        try:
            manager.delete_secret(SecretId=physical_id, ForceDeleteWithoutRecovery=True)
        except manager.exceptions.ResourceNotFoundException:
            return


class Key:
    """AWS::KMS::Key."""

    name = "AWS::KMS::Key"
    replaced_by = frozenset({"KeySpec", "KeyUsage", "MultiRegion"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the key; its id is what Ref gives."""
        options = {key: properties[key] for key in ("KeySpec", "KeyUsage") if key in properties}
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tag_list(properties.get("Tags"))]
        made = scope.clients("kms").create_key(Description=properties.get("Description", ""), Tags=tags, **options)
        key = made["KeyMetadata"]
        return Deployed(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the description anew."""
        kms = scope.clients("kms")
        kms.update_key_description(KeyId=physical_id, Description=new.get("Description", ""))
        arn = kms.describe_key(KeyId=physical_id)["KeyMetadata"]["Arn"]
        return Deployed(physical_id, {"Arn": arn, "KeyId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Schedule the key's deletion, as AWS does."""
        days = int(properties.get("PendingWindowInDays", 30))
        scope.clients("kms").schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=days)


class KeyAlias:
    """AWS::KMS::Alias."""

    name = "AWS::KMS::Alias"
    replaced_by = frozenset({"AliasName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alias."""
        name = properties["AliasName"]
        scope.clients("kms").create_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Point the alias at another key."""
        scope.clients("kms").update_alias(AliasName=physical_id, TargetKeyId=new["TargetKeyId"])
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alias."""
        scope.clients("kms").delete_alias(AliasName=physical_id)


def _value(manager: Any, properties: Properties) -> str:
    asked = properties.get("GenerateSecretString")
    if asked is None:
        return str(properties.get("SecretString", ""))
    options: dict[str, Any] = {key: asked[key] for key in _GENERATED if key in asked}
    for key, value in options.items():
        if key == "PasswordLength":
            options[key] = int(value)
        elif key != "ExcludeCharacters":
            options[key] = truth(value)
    password = manager.get_random_password(**options)["RandomPassword"]
    if "SecretStringTemplate" not in asked:
        return str(password)
    return json.dumps(json.loads(asked["SecretStringTemplate"]) | {asked["GenerateStringKey"]: password})
