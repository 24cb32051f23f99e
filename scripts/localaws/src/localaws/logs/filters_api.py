"""CloudWatch Logs' operations on metric filters and subscription filters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.responses import LogsResponse

from localaws.logs import metric_filters, queries, subscriptions
from localaws.logs.acceptance import check_filter_name, check_pattern
from localaws.logs.errors import MalformedPattern
from localaws.logs.pages import page
from localaws.logs.patterns import ColumnsPattern, DocumentPattern, compile_pattern

_PAGE = 50


class FiltersApi(LogsResponse):
    """The operations on filters, which moto stores but doesn't apply. `clock` returns epoch seconds."""

    clock: Callable[[], float]

    def put_metric_filter(self) -> str:
        """Create a metric filter, which is applied to new events."""
        group = queries.find_group(self.logs_backend, self._needed("logGroupName"))
        for name in ("applyOnTransformedLogs", "emitSystemFieldDimensions", "fieldSelectionCriteria"):
            if self._get_param(name):
                raise InvalidParameterException(f"{name} isn't supported by local AWS.")
        check_filter_name(self._needed("filterName"))
        metric_filters.put(
            self.logs_backend,
            name=self._needed("filterName"),
            group=group.name,
            pattern=self._get_param("filterPattern") or "",
            given=self._get_param("metricTransformations") or [],
            now=int(self.clock() * 1000),
        )
        return ""

    def describe_metric_filters(self) -> str:
        """Find metric filters by group, name and metric."""
        group, prefix = self._get_param("logGroupName"), self._get_param("filterNamePrefix") or ""
        metric, namespace = self._get_param("metricName"), self._get_param("metricNamespace")
        if (metric is None) != (namespace is None):
            raise InvalidParameterException("If you include metricName, you must also include metricNamespace.")
        found = [
            kept.describe()
            for _, kept in sorted(metric_filters.filters(self.logs_backend).items())
            if group in (None, kept.group) and kept.name.startswith(prefix)
            if metric in (None, kept.transformation["metricName"])
            if namespace in (None, kept.transformation["metricNamespace"])
        ]
        items, token = page(found, int(self._get_param("limit") or _PAGE), self._get_param("nextToken"))
        return json.dumps({"metricFilters": items, **({"nextToken": token} if token else {})})

    def delete_metric_filter(self) -> str:
        """Delete a metric filter."""
        key = self._needed("logGroupName"), self._needed("filterName")
        if metric_filters.filters(self.logs_backend).pop(key, None) is None:
            raise ResourceNotFoundException(f"The log group {key[0]} has no metric filter {key[1]}.")
        return ""

    def test_metric_filter(self) -> str:
        """The messages that match a pattern, with the values of its fields."""
        compiled = self._pattern()
        matches: list[dict[str, Any]] = []
        for number, message in enumerate(self._needed("logEventMessages"), 1):
            if compiled(message):
                extracts = isinstance(compiled, ColumnsPattern | DocumentPattern)
                values = compiled.extract(message) if extracts else {}  # type: ignore[attr-defined]
                matches.append({"eventNumber": number, "eventMessage": message, "extractedValues": values})
        return json.dumps({"matches": matches})

    def put_subscription_filter(self) -> str:
        """Send new matching events to a Lambda function or a Firehose stream; refuse other destinations."""
        self._pattern()
        subscriptions.check(json.loads(self.body))
        return super().put_subscription_filter()

    def _pattern(self) -> Callable[[str], bool]:
        pattern = self._get_param("filterPattern") or ""
        check_pattern(pattern)
        try:
            return compile_pattern(pattern)
        except MalformedPattern as error:
            raise InvalidParameterException(str(error)) from error

    def _needed(self, name: str) -> Any:
        value = self._get_param(name)
        if value is None:
            raise InvalidParameterException(f"{name} is missing")
        return value
