"""KMS: keys and their aliases. Nothing is encrypted at rest."""

from __future__ import annotations

import json
from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list
from localaws.resource_types.support import DONE, Rules, done


class Key:
    """AWS::KMS::Key."""

    name = "AWS::KMS::Key"
    replaced_by = frozenset({"KeySpec", "KeyUsage", "MultiRegion"})
    attributes = ("Arn", "KeyId")
    properties: ClassVar[Rules] = {
        **done("Description", "KeySpec", "KeyUsage", "PendingWindowInDays", "Tags"),
        "EnableKeyRotation": "keys aren't rotated",
        "Enabled": ["true", "True"],
        "KeyPolicy": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the key; its id is the value of Ref."""
        options = {key: properties[key] for key in ("KeySpec", "KeyUsage") if key in properties}
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tag_list(properties.get("Tags"))]
        if properties.get("KeyPolicy"):
            options["Policy"] = _policy(properties)
        made = scope.clients("kms").create_key(Description=properties.get("Description", ""), Tags=tags, **options)
        key = made["KeyMetadata"]
        return Deployed(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the description and the policy."""
        kms = scope.clients("kms")
        if new.get("KeyPolicy") and new["KeyPolicy"] != old.get("KeyPolicy"):
            kms.put_key_policy(KeyId=physical_id, Policy=_policy(new))
        kms.update_key_description(KeyId=physical_id, Description=new.get("Description", ""))
        arn = kms.describe_key(KeyId=physical_id)["KeyMetadata"]["Arn"]
        return Deployed(physical_id, {"Arn": arn, "KeyId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Schedule the key for deletion, as AWS does."""
        days = int(properties.get("PendingWindowInDays", 30))
        scope.clients("kms").schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=days)


def _policy(properties: Properties) -> str:
    policy = properties["KeyPolicy"]
    return policy if isinstance(policy, str) else json.dumps(policy)


class KeyAlias:
    """AWS::KMS::Alias."""

    name = "AWS::KMS::Alias"
    replaced_by = frozenset({"AliasName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("AliasName", "TargetKeyId")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alias."""
        name = properties["AliasName"]
        scope.clients("kms").create_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Point the alias to another key."""
        scope.clients("kms").update_alias(AliasName=physical_id, TargetKeyId=new["TargetKeyId"])
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alias."""
        scope.clients("kms").delete_alias(AliasName=physical_id)
