"""The list of resource types: a new one is a class in its service's module, and a line here."""

from __future__ import annotations

from localaws.errors import TemplateError
from localaws.resource_types import (
    administration,
    batch,
    cloudwatch,
    codedeploy,
    dynamodb,
    ecs,
    events,
    firehose,
    iam,
    kinesis,
    kms,
    logs,
    nested,
    route53,
    s3,
    scheduler,
    secretsmanager,
    serverless,
    ses,
    sns,
    sqs,
    ssm,
    stepfunctions,
    stepfunctions_aliases,
)
from localaws.resource_types.apigateway import apis as rest_apis
from localaws.resource_types.apigateway import domains, methods, parts, plans, stages
from localaws.resource_types.apigatewayv2 import apis, authorizers, routes
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
    domains.BasePathMapping(),
    domains.DomainName(),
    methods.Method(),
    parts.Authorizer(),
    parts.GatewayResponse(),
    parts.Model(),
    parts.RequestValidator(),
    plans.ApiKey(),
    plans.UsagePlan(),
    plans.UsagePlanKey(),
    rest_apis.Account(),
    rest_apis.Resource(),
    rest_apis.RestApi(),
    stages.Deployment(),
    stages.Stage(),
    apis.Api(),
    apis.Stage(),
    authorizers.Authorizer(),
    routes.Integration(),
    routes.Route(),
    batch.ComputeEnvironment(),
    batch.JobDefinition(),
    batch.JobQueue(),
    cloudwatch.Alarm(),
    cloudwatch.CompositeAlarm(),
    cloudwatch.Dashboard(),
    codedeploy.Application(),
    codedeploy.DeploymentConfig(),
    codedeploy.DeploymentGroup(),
    dynamodb.Table(),
    ecs.Cluster(),
    ecs.TaskDefinition(),
    events.EventBus(),
    events.EVENT_BUS_POLICY,
    events.Rule(),
    firehose.DeliveryStream(),
    iam.ManagedPolicy(),
    iam.Policy(),
    iam.Role(),
    kinesis.Stream(),
    kms.Key(),
    kms.KeyAlias(),
    nested.NestedStack(),
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
    logs.LogStream(),
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
    stepfunctions.Activity(),
    stepfunctions.StateMachine(),
    stepfunctions_aliases.Alias(),
    stepfunctions_aliases.Version(),
    *administration.TYPES,
    *route53.TYPES,
    *ses.TYPES,
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
