"""Resources of administration: certificates, trails, documents, groups of resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Properties, Scope, tag_list
from localaws.resource_types.recorded import Recorded
from localaws.resource_types.support import NO_TLS
from localaws.resource_types.unenforced import Unenforced

_NOT_RECORDED = "calls of the API aren't recorded"
_NOT_RUN = "documents of Systems Manager aren't run"
_NO_REGISTRY = "images can't be pushed: they are built here"
_NOT_GROUPED = "resources aren't grouped"


def _certificate(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    made = client.request_certificate(
        DomainName=properties["DomainName"],
        ValidationMethod=properties.get("ValidationMethod", "EMAIL"),
        SubjectAlternativeNames=properties.get("SubjectAlternativeNames") or [properties["DomainName"]],
        Tags=tag_list(properties.get("Tags")) or [{"Key": "Name", "Value": scope.logical_id}],
    )
    return made["CertificateArn"], {}


def _trail(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name = str(properties.get("TrailName") or scope.generated_name(128))
    prefix = {"S3KeyPrefix": properties["S3KeyPrefix"]} if properties.get("S3KeyPrefix") else {}
    made = client.create_trail(Name=name, S3BucketName=properties["S3BucketName"], **prefix)
    return name, {"Arn": made["TrailARN"]}


def _document(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name, content = str(properties.get("Name") or scope.generated_name(128)), properties["Content"]
    client.create_document(
        Name=name,
        Content=content if isinstance(content, str) else json.dumps(content),
        DocumentType=properties.get("DocumentType", "Command"),
        DocumentFormat=properties.get("DocumentFormat", "JSON"),
    )
    return name, {}


def _group(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    query = properties.get("ResourceQuery") or {}
    everything = {"ResourceTypeFilters": ["AWS::AllSupported"], "StackIdentifier": scope.stack_id}
    text = json.dumps(everything | (query.get("Query") or {}))
    made = client.create_group(
        Name=properties["Name"],
        Description=properties.get("Description", ""),
        ResourceQuery={"Type": query.get("Type", "CLOUDFORMATION_STACK_1_0"), "Query": text},
    )
    return str(properties["Name"]), {"Arn": made["Group"]["GroupArn"]}


def _repository(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name = str(properties.get("RepositoryName") or scope.generated_name(255, lower=True))
    made = client.create_repository(repositoryName=name, tags=tag_list(properties.get("Tags")))["repository"]
    return name, {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]}


TYPES = (
    Recorded(
        "AWS::ECR::Repository",
        "ecr",
        _NO_REGISTRY,
        (
            "EmptyOnDelete",
            "EncryptionConfiguration",
            "ImageScanningConfiguration",
            "ImageTagMutability",
            "LifecyclePolicy",
            "RepositoryName",
            "RepositoryPolicyText",
            "Tags",
        ),
        _repository,
        lambda client, name, _: client.delete_repository(repositoryName=name, force=True),
        ("Arn", "RepositoryUri"),
    ),
    Unenforced("AWS::CDK::Metadata", ("Analytics",), note="the use of the CDK isn't reported"),
    Recorded(
        "AWS::CertificateManager::Certificate",
        "acm",
        NO_TLS,
        (
            "CertificateTransparencyLoggingPreference",
            "DomainName",
            "DomainValidationOptions",
            "KeyAlgorithm",
            "SubjectAlternativeNames",
            "Tags",
            "ValidationMethod",
        ),
        _certificate,
        lambda client, arn, _: client.delete_certificate(CertificateArn=arn),
    ),
    Recorded(
        "AWS::CloudTrail::Trail",
        "cloudtrail",
        _NOT_RECORDED,
        (
            "CloudWatchLogsLogGroupArn",
            "CloudWatchLogsRoleArn",
            "EnableLogFileValidation",
            "EventSelectors",
            "IncludeGlobalServiceEvents",
            "IsLogging",
            "IsMultiRegionTrail",
            "S3BucketName",
            "S3KeyPrefix",
            "Tags",
            "TrailName",
        ),
        _trail,
        lambda client, name, _: client.delete_trail(Name=name),
        ("Arn",),
    ),
    Recorded(
        "AWS::SSM::Document",
        "ssm",
        _NOT_RUN,
        ("Content", "DocumentFormat", "DocumentType", "Name", "Tags", "TargetType", "UpdateMethod", "VersionName"),
        _document,
        lambda client, name, _: client.delete_document(Name=name),
    ),
    Recorded(
        "AWS::ResourceGroups::Group",
        "resource-groups",
        _NOT_GROUPED,
        ("Description", "Name", "ResourceQuery", "Tags"),
        _group,
        lambda client, name, _: client.delete_group(GroupName=name),
        ("Arn",),
    ),
    Unenforced(
        "AWS::ApplicationInsights::Application",
        ("AutoConfigurationEnabled", "CWEMonitorEnabled", "OpsCenterEnabled", "ResourceGroupName", "Tags"),
        note="applications aren't monitored",
    ),
)
