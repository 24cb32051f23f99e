"""The base of CloudWatch's request handlers."""

from __future__ import annotations

import re
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localaws.clock import Clock

# Operations whose data moto stores without effect, or that aren't supported at all.
_REFUSED = {
    "put_anomaly_detector": "anomaly detection",
    "put_insight_rule": "Contributor Insights rules",
    "put_managed_insight_rules": "Contributor Insights rules",
    "put_metric_stream": "metric streams",
    "get_metric_widget_image": "pictures of metrics",
}


class Request(CloudWatchResponse):
    """moto's request handler, with shared helpers; refuses unsupported operations."""

    clock: Clock

    def _needed(self, name: str) -> Any:
        value = self._get_param(name)
        if value in (None, ""):
            raise ValidationError(f"The parameter {name} is required.")
        return value

    def put_dashboard(self) -> Any:
        """Keep a dashboard, if its name is one of AWS's."""
        name = self._needed("DashboardName")
        if not re.fullmatch(r"[\w-]{1,255}", name, re.ASCII):
            raise InvalidParameterValue(f"The value {name} for parameter DashboardName is invalid.")
        return super().put_dashboard()

    def _begin(self) -> int:
        """Where the page of the request's NextToken begins."""
        given = str(self._get_param("NextToken") or "0")
        if not given.isdecimal():
            raise InvalidParameterValue("The NextToken is invalid.")
        return int(given)

    def _page[Item](self, items: list[Item], size: int) -> tuple[list[Item], str | None]:
        begin = self._begin()
        end = begin + size
        return items[begin:end], str(end) if end < len(items) else None


def _refusal(what: str) -> Any:
    def refuse(self: Request) -> ActionResult:  # noqa: ARG001 (it becomes a method)
        raise ValidationError(f"Local AWS doesn't support {what}.")

    return refuse


for _action, _what in _REFUSED.items():
    setattr(Request, _action, _refusal(_what))
