"""S3: buckets and their policies."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from localaws.errors import TemplateError
from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, truth
from localaws.resource_types.support import (
    DONE,
    NO_ACCESS_LISTS,
    NO_ACCESS_LOGS,
    NOT_ENCRYPTED,
    OBJECT_FILTER,
    Rules,
    done,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Bucket:
    """AWS::S3::Bucket: versioning, notifications, encryption, public access block, tags."""

    name = "AWS::S3::Bucket"
    replaced_by = frozenset({"BucketName"})
    attributes = ("Arn", "DomainName", "RegionalDomainName")
    properties: ClassVar[Rules] = {
        "AccessControl": NO_ACCESS_LISTS,
        "BucketEncryption": NOT_ENCRYPTED,
        "BucketName": DONE,
        "CorsConfiguration": {
            "CorsRules": done("AllowedHeaders", "AllowedMethods", "AllowedOrigins", "ExposedHeaders", "Id", "MaxAge"),
        },
        "LifecycleConfiguration": "objects don't expire and keep their storage class",
        "LoggingConfiguration": NO_ACCESS_LOGS,
        "NotificationConfiguration": {
            "EventBridgeConfiguration": done("EventBridgeEnabled"),
            "LambdaConfigurations": {
                "Event": DONE,
                "Filter": OBJECT_FILTER,
                "Function": DONE,
            },
            "QueueConfigurations": {
                "Event": DONE,
                "Filter": OBJECT_FILTER,
                "Queue": DONE,
            },
            "TopicConfigurations": {
                "Event": DONE,
                "Filter": OBJECT_FILTER,
                "Topic": DONE,
            },
        },
        "OwnershipControls": NO_ACCESS_LISTS,
        "PublicAccessBlockConfiguration": "public access isn't enforced",
        "Tags": DONE,
        "VersioningConfiguration": {
            "Status": ["Enabled", "Suspended"],
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the bucket, named as given or after the stack."""
        s3 = scope.clients("s3")
        bucket = properties.get("BucketName") or scope.generated_name(63, lower=True)
        _check_name(bucket)
        location = {} if scope.region == "us-east-1" else {"LocationConstraint": scope.region}
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": location} if location else {}))
        self._configure(s3, bucket, {}, properties)
        return self._deployed(bucket, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the bucket's configuration."""
        self._configure(scope.clients("s3"), physical_id, old, new)
        return self._deployed(physical_id, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the bucket; fails if it has objects, as on AWS."""
        try:
            scope.clients("s3").delete_bucket(Bucket=physical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    @staticmethod
    def _configure(s3: Any, bucket: str, old: Properties, new: Properties) -> None:
        versioning = new.get("VersioningConfiguration")
        if versioning:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning["Status"]})
        elif old.get("VersioningConfiguration"):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        if new.get("NotificationConfiguration") or old.get("NotificationConfiguration"):
            configuration = _notifications(new.get("NotificationConfiguration") or {})
            _check_unambiguous(configuration)
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        cors = new.get("CorsConfiguration")
        if cors:
            rules = [_cors_rule(rule) for rule in cors["CorsRules"]]
            s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
        elif old.get("CorsConfiguration"):
            s3.delete_bucket_cors(Bucket=bucket)
        rules = new.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
        if rules:
            encryption = [
                {
                    "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                    "BucketKeyEnabled": truth(rule.get("BucketKeyEnabled", False)),
                }
                for rule in rules
            ]
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": encryption})
        block = new.get("PublicAccessBlockConfiguration")
        if block:
            flags = {flag: truth(value) for flag, value in block.items()}
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=flags)
        tags = tag_list(new.get("Tags"))
        if tags:
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})

    @staticmethod
    def _deployed(bucket: str, scope: Scope) -> Deployed:
        domain = f"{bucket}.s3.amazonaws.com"
        regional = f"{bucket}.s3.{scope.region}.amazonaws.com"
        attributes = {"Arn": f"arn:aws:s3:::{bucket}", "DomainName": domain, "RegionalDomainName": regional}
        return Deployed(bucket, attributes)


def _check_name(name: str) -> None:
    """Raise TemplateError for an invalid name."""
    if not _NAME.fullmatch(name):
        raise TemplateError(f"The specified bucket is not valid: {name} (3 to 63 lowercase letters, digits, - and .).")


def _cors_rule(rule: Properties) -> dict[str, Any]:
    named = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    renamed = {named.get(key, key): value for key, value in rule.items()}
    return renamed | ({"MaxAgeSeconds": int(rule["MaxAge"])} if "MaxAge" in rule else {})


class BucketPolicy:
    """AWS::S3::BucketPolicy."""

    name = "AWS::S3::BucketPolicy"
    replaced_by = frozenset({"Bucket"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "Bucket": DONE,
        "PolicyDocument": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Set the bucket's policy."""
        policy = json.dumps(properties["PolicyDocument"])
        scope.clients("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=policy)
        return Deployed(properties["Bucket"])

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the policy."""
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the bucket's policy."""
        try:
            scope.clients("s3").delete_bucket_policy(Bucket=physical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchBucket", "NoSuchBucketPolicy"):
                raise


def _notifications(given: Properties) -> dict[str, Any]:
    """The bucket's notifications in the API's form, which has other names and a list of events."""
    bridge = given.get("EventBridgeConfiguration")
    wanted = bridge is not None and truth(bridge.get("EventBridgeEnabled", True))
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}} if wanted else {}
    for kind, target, name in (
        ("LambdaConfigurations", "Function", "LambdaFunctionArn"),
        ("QueueConfigurations", "Queue", "QueueArn"),
        ("TopicConfigurations", "Topic", "TopicArn"),
    ):
        for item in given.get(kind, []):
            made: dict[str, Any] = {name: item[target], "Events": [item["Event"]]}
            rules = item.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            if rules:
                made["Filter"] = {"Key": {"FilterRules": [dict(rule) for rule in rules]}}
            configuration.setdefault(_API_NAMES[kind], []).append(made)
    return configuration


def _check_unambiguous(configuration: dict[str, Any]) -> None:
    """Raise TemplateError if two notifications overlap in event and key, which S3 rejects."""
    wanted = [
        (event.removesuffix("*"), {rule["Name"].lower(): rule["Value"] for rule in rules})
        for name in _API_NAMES.values()
        for item in configuration.get(name, [])
        for rules in [item.get("Filter", {}).get("Key", {}).get("FilterRules", [])]
        for event in item["Events"]
    ]
    for (event, keys), (other, others) in itertools.combinations(wanted, 2):
        prefixes, suffixes = ([named.get(end, "") for named in (keys, others)] for end in ("prefix", "suffix"))
        if (
            (event.startswith(other) or other.startswith(event))
            and (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0]))
            and (suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0]))
        ):
            raise TemplateError(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
                "are overlapping for the same event type."
            )


_API_NAMES = {
    "LambdaConfigurations": "LambdaFunctionConfigurations",
    "QueueConfigurations": "QueueConfigurations",
    "TopicConfigurations": "TopicConfigurations",
}
