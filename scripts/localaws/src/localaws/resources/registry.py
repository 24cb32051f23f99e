"""Finds a resource type by its CloudFormation name."""

from __future__ import annotations

from typing import Any

from moto.core.common_models import CloudFormationModel

from localaws.errors import TemplateError
from localaws.resources import (
    apis,
    basics,
    functions,
    invocations,
    monitoring,
    queues,
    roles,
    routes,
    rules,
    schedules,
    secrets,
    storage,
    tables,
    topics,
    unenforced,
    urls,
)
from localaws.resources.base import Deployed, Properties, ResourceType, Scope
from localaws.resources.custom import Custom, is_custom

_TYPES: tuple[ResourceType, ...] = (
    storage.Bucket(),
    storage.BucketPolicy(),
    queues.Queue(),
    queues.QueuePolicy(),
    rules.Rule(),
    rules.EventBus(),
    schedules.Schedule(),
    schedules.ScheduleGroup(),
    tables.Table(),
    secrets.Secret(),
    secrets.Key(),
    secrets.KeyAlias(),
    topics.Topic(),
    topics.Subscription(),
    topics.TopicPolicy(),
    functions.Function(),
    functions.Version(),
    functions.Alias(),
    functions.LayerVersion(),
    functions.Permission(),
    urls.Url(),
    invocations.EventSourceMapping(),
    invocations.EventInvokeConfig(),
    apis.Api(),
    apis.Stage(),
    routes.Integration(),
    routes.Route(),
    roles.Role(),
    roles.Policy(),
    roles.ManagedPolicy(),
    basics.LogGroup(),
    basics.Parameter(),
    monitoring.Alarm(),
    monitoring.Dashboard(),
    monitoring.MetricFilter(),
    monitoring.SubscriptionFilter(),
    *unenforced.TYPES,
)
_BY_NAME = {kind.name: kind for kind in _TYPES}


def find(name: str) -> ResourceType:
    """The resource type called `name`; raises TemplateError if local AWS has none."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if is_custom(name):
        return Custom(name)
    for model in CloudFormationModel.__subclasses__():
        if model.cloudformation_type() == name:
            return _Modelled(model)
    raise TemplateError(f"Resource type {name} isn't supported by local AWS.")


class _Modelled:
    """A type that is written as one of moto's CloudFormation models."""

    replaced_by: frozenset[str] = frozenset()

    def __init__(self, model: type[CloudFormationModel]) -> None:
        self.name = model.cloudformation_type()
        self._model = model

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create it through the model."""
        name = properties.get(self._model.cloudformation_name_type()) or scope.generated_name()
        resource: Any = self._model.create_from_cloudformation_json(
            name, self._json(properties), scope.account, scope.region
        )
        return Deployed(resource.physical_resource_id)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update it through the model, which finds the original by its physical id."""
        resource: Any = self._model.update_from_cloudformation_json(
            physical_id, physical_id, self._json(new), scope.account, scope.region
        )
        return Deployed(resource.physical_resource_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete it through the model."""
        self._model.delete_from_cloudformation_json(physical_id, self._json(properties), scope.account, scope.region)

    def _json(self, properties: Properties) -> dict[str, Any]:
        return {"Type": self.name, "Properties": dict(properties)}
