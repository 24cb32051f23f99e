"""Saved Insights queries, through the API and as the CloudFormation type AWS::Logs::QueryDefinition.

A saved query is text; as on AWS it's compiled when it's run.
"""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend, logs_backends

_PROPERTIES = frozenset({"Name", "QueryString", "LogGroupNames", "QueryLanguage"})


class QueryDefinition(CloudFormationModel):
    """One saved query. `modified` is milliseconds since 1970."""

    def __init__(self, definition_id: str, name: str, text: str, groups: list[str], modified: int) -> None:
        self.definition_id = definition_id
        self.name = name
        self.text = text
        self.groups = groups
        self.modified = modified

    def describe(self) -> dict[str, Any]:
        return {
            "queryLanguage": "CWLI",
            "queryDefinitionId": self.definition_id,
            "name": self.name,
            "queryString": self.text,
            "lastModified": self.modified,
            "logGroupNames": self.groups,
        }

    def is_created(self) -> bool:
        return True

    @property
    def physical_resource_id(self) -> str:
        return self.definition_id

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Logs::QueryDefinition"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "QueryDefinitionId"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The definition's id, its one attribute."""
        if not self.has_cfn_attr(attribute_name):
            raise InvalidParameterException(f"AWS::Logs::QueryDefinition has no attribute {attribute_name}")
        return self.definition_id

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003  (moto's signature, as below)
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ARG003
    ) -> "QueryDefinition":
        return _deploy(account_id, region_name, cloudformation_json, None)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> "QueryDefinition":
        """Change it in place; `original_resource` is the definition or its physical id."""
        original = getattr(original_resource, "physical_resource_id", original_resource)
        return _deploy(account_id, region_name, cloudformation_json, original)

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],  # noqa: ARG003
        account_id: str,
        region_name: str,
    ) -> None:
        delete(logs_backends[account_id][region_name], resource_name)


def _deploy(account: str, region: str, resource: Mapping[str, Any], definition_id: str | None) -> QueryDefinition:
    properties = resource["Properties"]
    for name in sorted(properties.keys() - _PROPERTIES):
        raise InvalidParameterException(f"AWS::Logs::QueryDefinition.{name} isn't supported here")
    if properties.get("QueryLanguage", "CWLI") != "CWLI":
        raise InvalidParameterException(f"the query language {properties['QueryLanguage']} isn't supported here")
    return put(
        logs_backends[account][region],
        name=properties["Name"],
        text=properties["QueryString"],
        groups=list(properties.get("LogGroupNames", [])),
        definition_id=definition_id,
        now=time.time(),
    )


def put(
    backend: LogsBackend, *, name: str, text: str, groups: list[str], definition_id: str | None, now: float
) -> QueryDefinition:
    """Save a query, in place of the one with `definition_id` if that's given; `now` is epoch seconds.

    Raises ResourceNotFoundException if there's none with that id.
    """
    if definition_id is not None:
        _find(backend, definition_id)
    key = definition_id or str(uuid.uuid4())
    definition = QueryDefinition(key, name, text, groups, int(now * 1000))
    _store(backend)[key] = definition
    return definition


def saved(backend: LogsBackend) -> list[QueryDefinition]:
    """The saved queries by name."""
    return sorted(_store(backend).values(), key=lambda definition: definition.name)


def delete(backend: LogsBackend, definition_id: str) -> None:
    """Forget a saved query. Raises ResourceNotFoundException if there's none with that id."""
    del _store(backend)[_find(backend, definition_id).definition_id]


def _find(backend: LogsBackend, definition_id: str) -> QueryDefinition:
    definition = _store(backend).get(definition_id)
    if definition is None:
        raise ResourceNotFoundException(f"The specified query definition does not exist: {definition_id}")
    return definition


def _store(backend: LogsBackend) -> dict[str, QueryDefinition]:
    """Kept on the backend, so that moto's reset forgets it with the rest."""
    store: dict[str, QueryDefinition] = vars(backend).setdefault("query_definitions", {})
    return store
