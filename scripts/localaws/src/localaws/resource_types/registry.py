"""The list of resource types: a new one is a class in its service's module, and a line here."""

from __future__ import annotations

from localaws.errors import TemplateError
from localaws.resource_types import (
    cloudwatch,
    dynamodb,
    events,
    iam,
    kms,
    logs,
    s3,
    scheduler,
    secretsmanager,
    serverless,
    sns,
    sqs,
    ssm,
)
from localaws.resource_types.apigatewayv2 import apis, routes
from localaws.resource_types.awslambda import (
    event_sources,
    functions,
    invoke_configs,
    layers,
    permissions,
    urls,
    versions,
)
from localaws.resource_types.base import Declared, ResourceType
from localaws.resource_types.custom import NAME as CUSTOM
from localaws.resource_types.custom import Custom, is_custom

_DEPLOYED: tuple[ResourceType, ...] = (
    apis.Api(),
    apis.Stage(),
    routes.Integration(),
    routes.Route(),
    cloudwatch.Alarm(),
    cloudwatch.Dashboard(),
    dynamodb.Table(),
    events.EventBus(),
    events.EVENT_BUS_POLICY,
    events.Rule(),
    iam.ManagedPolicy(),
    iam.Policy(),
    iam.Role(),
    kms.Key(),
    kms.KeyAlias(),
    event_sources.EventSourceMapping(),
    functions.Function(),
    invoke_configs.EventInvokeConfig(),
    layers.LayerVersion(),
    layers.LAYER_VERSION_PERMISSION,
    permissions.Permission(),
    urls.Url(),
    versions.Alias(),
    versions.Version(),
    logs.LogGroup(),
    logs.MetricFilter(),
    logs.QueryDefinition(),
    logs.RESOURCE_POLICY,
    logs.SubscriptionFilter(),
    s3.Bucket(),
    s3.BucketPolicy(),
    scheduler.Schedule(),
    scheduler.ScheduleGroup(),
    secretsmanager.Secret(),
    sns.Subscription(),
    sns.Topic(),
    sns.TopicPolicy(),
    sqs.Queue(),
    sqs.QueuePolicy(),
    ssm.Parameter(),
)
_BY_NAME = {kind.name: kind for kind in _DEPLOYED}
# All types that a template may have, including SAM's, which SAM expands to other types before deployment.
TYPES: dict[str, Declared] = {**_BY_NAME, CUSTOM: Custom(), **{kind.name: kind for kind in serverless.TYPES}}
# The sections of Globals → the type that they have defaults for.
GLOBALS = {kind.globals_section: kind for kind in serverless.TYPES if kind.globals_section}


def find(name: str) -> ResourceType:
    """The resource type called `name`; raises TemplateError if it isn't supported."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if is_custom(name):
        return Custom(name)
    raise TemplateError(f"Resource type {name} isn't supported by local AWS.")


def declared(name: str) -> Declared | None:
    """The supported properties of the type called `name`; None if the type isn't supported."""
    return Custom(name) if is_custom(name) else TYPES.get(name)
