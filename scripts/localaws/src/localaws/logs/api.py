"""The operations of CloudWatch Logs that moto lacks or implements incorrectly, in moto's request handler."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException

from localaws.logs import definitions, metric_filters, queries, search
from localaws.logs.acceptance import RETENTION_DAYS, check_batch, check_group_name, check_stream_name
from localaws.logs.filters_api import FiltersApi
from localaws.logs.pages import page
from localaws.logs.store import EventStore

_LANGUAGE = "CWLI"
_PAGE = 10_000
_DESCRIBED = 1000
_GROUPS = 50
_CLASSES = ("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")


class LogsApi(FiltersApi):
    """moto's request handler with queries, saved queries and filter patterns. `clock` returns epoch seconds."""

    clock: Callable[[], float] = staticmethod(time.time)
    events: EventStore

    def start_query(self) -> str:
        """Run the query; its results are complete when this returns."""
        self._check_language()
        given = [self._get_param(name) for name in ("logGroupName", "logGroupNames", "logGroupIdentifiers")]
        wanted = [[names] if isinstance(names, str) else names for names in given if names]
        if len(wanted) != 1:
            raise InvalidParameterException(
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers is required"
            )
        query = queries.start(
            self.logs_backend,
            self.events,
            groups=wanted[0],
            text=self._needed("queryString"),
            start=int(self._needed("startTime")),
            end=int(self._needed("endTime")),
            limit=self._bounded("limit", queries.MAX_ROWS),
            now=self.clock(),
        )
        return json.dumps({"queryId": query.query_id})

    def get_query_results(self) -> str:
        """A page of a query's rows, with its statistics."""
        query = queries.find(self.logs_backend, self._needed("queryId"))
        size = self._bounded("maxItems", _PAGE) or _PAGE
        rows, token = page(query.answer.rows, size, self._get_param("nextToken"))
        return json.dumps(
            {
                "queryLanguage": _LANGUAGE,
                "status": query.status,
                "results": [[{"field": name, "value": value} for name, value in row] for row in rows],
                "statistics": query.statistics,
                **({"nextToken": token} if token else {}),
            }
        )

    def stop_query(self) -> str:
        """Always an error, as on AWS for a complete query: queries are complete when StartQuery returns."""
        query = queries.find(self.logs_backend, self._needed("queryId"))
        raise InvalidParameterException(f"The specified query is not running: {query.query_id}")

    def describe_queries(self) -> str:
        """The queries, newest first."""
        self._check_language()
        group, status = self._get_param("logGroupName"), self._get_param("status")
        found = [
            query.describe()
            for query in reversed(queries.started(self.logs_backend))
            if (group is None or group in query.groups) and (status is None or status == query.status)
        ]
        return self._page("queries", found)

    def put_query_definition(self) -> str:
        """Save a query, or update the one with queryDefinitionId."""
        self._check_language()
        if self._get_param("parameters"):
            raise InvalidParameterException("parameters of query definitions aren't supported by local AWS")
        definition = definitions.put(
            self.logs_backend,
            name=self._needed("name"),
            text=self._needed("queryString"),
            groups=self._get_param("logGroupNames") or [],
            definition_id=self._get_param("queryDefinitionId"),
            now=self.clock(),
        )
        return json.dumps({"queryDefinitionId": definition.definition_id})

    def describe_query_definitions(self) -> str:
        """The saved queries by name."""
        self._check_language()
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        found = [
            definition.describe()
            for definition in definitions.saved(self.logs_backend)
            if definition.name.startswith(prefix)
        ]
        return self._page("queryDefinitions", found)

    def delete_query_definition(self) -> str:
        """Delete a saved query."""
        definitions.delete(self.logs_backend, self._needed("queryDefinitionId"))
        return json.dumps({"success": True})

    def filter_log_events(self) -> str:
        """The events of a group that match a filter pattern, by time."""
        name, identifier = self._get_param("logGroupName"), self._get_param("logGroupIdentifier")
        if (name is None) == (identifier is None):
            raise InvalidParameterException("Either logGroupName or logGroupIdentifier is required, not both")
        streams, prefix = self._get_param("logStreamNames"), self._get_param("logStreamNamePrefix")
        if streams and prefix:
            raise InvalidParameterException("logStreamNames and logStreamNamePrefix can't be combined")
        self._pattern()
        start, end = self._get_param("startTime"), self._get_param("endTime")
        if start is not None and end is not None and start > end:
            raise InvalidParameterException("startTime must be less than or equal to endTime")
        group = queries.find_group(self.logs_backend, name or identifier)
        if any(stream not in group.streams for stream in streams or ()):
            raise ResourceNotFoundException("The specified log stream does not exist.")
        file = self.events.find(group.account_id, group.region, group.name)
        size, token = self._bounded("limit", _PAGE) or _PAGE, self._get_param("nextToken")
        if file is None:
            return json.dumps({"events": [], "searchedLogStreams": []})
        keeps_stream: Callable[[str], bool] | None = None
        if streams or prefix:
            keeps_stream = frozenset(streams).__contains__ if streams else lambda stream: stream.startswith(prefix)
        events, token = search.page_of_events(
            file,
            self._get_param("filterPattern") or "",
            keeps_stream=keeps_stream,
            start=start,
            end=end,
            forward=self._get_param("startFromHead", True),
            size=size,
            token=token,
        )
        return json.dumps({"events": events, "searchedLogStreams": [], **({"nextToken": token} if token else {})})

    def create_log_group(self) -> str:
        """Create a group, if its name and class are AWS's."""
        check_group_name(self._needed("logGroupName"))
        if self._get_param("logGroupClass") not in (None, *_CLASSES):
            constraint = f"Member must satisfy enum value set: {list(_CLASSES)}"
            value = self._get_param("logGroupClass")
            raise InvalidParameterException(constraint=constraint, parameter="logGroupClass", value=value)
        if self._get_param("logGroupClass", _CLASSES[0]) != _CLASSES[0]:
            raise InvalidParameterException(f"Local AWS supports groups of the class {_CLASSES[0]} only.")
        return super().create_log_group()

    def create_log_stream(self) -> str:
        """Create a stream, if its name is one of AWS's."""
        check_stream_name(self._needed("logStreamName"))
        return super().create_log_stream()

    def describe_log_groups(self) -> str:
        """The groups, by a prefix or a part of their names."""
        pattern, prefix = self._get_param("logGroupNamePattern"), self._get_param("logGroupNamePrefix")
        if pattern and prefix:
            raise InvalidParameterException("logGroupNamePrefix and logGroupNamePattern can't be combined")
        groups = [
            group
            for name, group in sorted(self.logs_backend.groups.items())
            if name.startswith(prefix or "") and (pattern or "") in name
        ]
        size = self._bounded("limit", _GROUPS) or _GROUPS
        found, token = page(groups, size, self._get_param("nextToken"))
        counts = Counter(kept.group for kept in metric_filters.filters(self.logs_backend).values())
        described = [
            {**group.to_describe_dict(), "metricFilterCount": counts[group.name], "logGroupClass": _CLASSES[0]}
            for group in found
        ]
        return json.dumps({"logGroups": described, **({"nextToken": token} if token else {})})

    def put_log_events(self) -> str:
        """Put events, unless there are too many of them."""
        check_batch(self._needed("logEvents"))
        return super().put_log_events()

    def put_destination(self) -> str:
        """Refuse destinations: subscriptions to them aren't served."""
        raise JsonRESTError("InvalidOperationException", "Local AWS doesn't support destinations of CloudWatch Logs.")

    def put_retention_policy(self) -> str:
        """Set the retention of a group, if it's one of AWS's."""
        days = self._needed("retentionInDays")
        if days not in RETENTION_DAYS:
            constraint = f"Member must satisfy enum value set: {sorted(RETENTION_DAYS)}"
            raise InvalidParameterException(constraint=constraint, parameter="retentionInDays", value=days)
        return super().put_retention_policy()

    def start_live_tail(self) -> ActionResult:
        """Refuse live tails: clients send them to a host stream-localhost, which doesn't exist."""
        raise JsonRESTError(
            "InvalidOperationException",
            "StartLiveTail isn't supported by local AWS; `localaws logs NAME --follow` prints events as they arrive.",
        )

    def _bounded(self, name: str, most: int) -> int | None:
        value = self._get_param(name)
        if value is None:
            return None
        if not 1 <= int(value) <= most:
            constraint = f"Member must have value between 1 and {most}"
            raise InvalidParameterException(constraint=constraint, parameter=name, value=value)
        return int(value)

    def _check_language(self) -> None:
        language = self._get_param("queryLanguage")
        if language not in (None, _LANGUAGE):
            raise InvalidParameterException(
                f"the query language {language} isn't supported by local AWS; use {_LANGUAGE}"
            )

    def _page(self, key: str, items: list[dict[str, Any]]) -> str:
        size = self._bounded("maxResults", _DESCRIBED) or _DESCRIBED
        found, token = page(items, size, self._get_param("nextToken"))
        return json.dumps({key: found, **({"nextToken": token} if token else {})})
