"""The definition of an alarm: the validated parameters of PutMetricAlarm."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError

from localaws.metrics.alarms.state import TREATMENTS
from localaws.metrics.math import Malformed, names_in, parse
from localaws.metrics.math.evaluation import NOT_SUPPORTED
from localaws.metrics.queries import metric_of
from localaws.metrics.reports import read_dimensions
from localaws.metrics.series import Metric
from localaws.metrics.statistics import SIMPLE, UnknownStatistic, parse_statistic
from localaws.targets import service_of

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_MOST_ACTIONS = 5
_SHORT_PERIODS = (10, 20, 30)
_DAY, _WEEK = 86_400, 604_800


@dataclass(frozen=True)
class AlarmDefinition:
    """What the definitions of metric alarms and composite alarms share. `given` are the parameters of the request."""

    kind: ClassVar[str]
    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The alarm's name."""
        return str(self.given["AlarmName"])

    def actions(self, state: str) -> list[str]:
        """The ARNs of the actions for a state."""
        return list(self.given.get(_ACTIONS[state]) or []) if self.given.get("ActionsEnabled", True) else []


@dataclass(frozen=True)
class Definition(AlarmDefinition):
    """The parameters of PutMetricAlarm, as given."""

    kind: ClassVar[str] = "MetricAlarm"

    @property
    def periods(self) -> int:
        """The number of evaluation periods."""
        return int(self.given["EvaluationPeriods"])

    @property
    def needed(self) -> int:
        """The number of data points that must breach the threshold."""
        return int(self.given.get("DatapointsToAlarm") or self.periods)

    @property
    def threshold(self) -> float:
        """The threshold."""
        return float(self.given["Threshold"])

    @property
    def missing(self) -> str:
        """How missing data points are treated."""
        return str(self.given.get("TreatMissingData") or "missing")

    @property
    def ignores_few_samples(self) -> bool:
        """Whether a percentile of too few samples doesn't change the state."""
        return self.given.get("EvaluateLowSampleCountPercentile") == "ignore"

    def breaches(self, value: float) -> bool:
        """Whether a value is beyond the threshold."""
        return COMPARISONS[self.given["ComparisonOperator"]](value, self.threshold)

    @cached_property
    def queries(self) -> list[Mapping[str, Any]]:
        """The metrics and expressions, as queries of GetMetricData."""
        if self.given.get("Metrics"):
            return list(self.given["Metrics"])
        named = {name: self.given[name] for name in ("Namespace", "MetricName")}
        statistic = self.given.get("ExtendedStatistic") or self.given["Statistic"]
        metric = named | {"Dimensions": self.given.get("Dimensions", [])}
        stat = {"Metric": metric, "Period": self.given["Period"], "Stat": statistic}
        if self.given.get("Unit"):
            stat["Unit"] = self.given["Unit"]
        return [{"Id": "m1", "MetricStat": stat, "ReturnData": True}]

    @property
    def watched(self) -> str:
        """The id of the query that's compared with the threshold."""
        return next(str(query["Id"]) for query in self.queries if query.get("ReturnData", True))

    @property
    def period(self) -> int:
        """The seconds of a data point."""
        stated = [int(query["MetricStat"]["Period"]) for query in self.queries if "MetricStat" in query]
        return stated[0] if stated else int(self.queries[0].get("Period") or 60)

    def watches(self, metric: Metric) -> bool:
        """Whether the alarm is on this single metric."""
        return "Metrics" not in self.given and metric_of(self.queries[0]["MetricStat"]["Metric"]) == metric


def define(parameters: Mapping[str, Any]) -> Definition:
    """Validate `parameters`. Raises AWS's errors, and ValidationError for unsupported features."""
    definition = Definition({key: value for key, value in parameters.items() if value not in (None, [], "")})
    given = definition.given
    _check_comparison(given)
    if ("Metrics" in given) == ("MetricName" in given):
        raise InvalidParameterCombination("An alarm needs either MetricName or Metrics.")
    if "Metrics" in given:
        _check_queries(definition)
    else:
        _check_metric(given)
    if not 1 <= definition.needed <= definition.periods:
        raise ValidationError("DatapointsToAlarm must be from 1 to EvaluationPeriods.")
    if definition.missing not in TREATMENTS:
        raise ValidationError(f"TreatMissingData must be one of {', '.join(TREATMENTS)}, not {definition.missing}.")
    _check_period(definition)
    check_actions(given)
    return definition


def check_actions(given: Mapping[str, Any]) -> None:
    """Raise ValidationError for too many actions, and for others than topics and functions."""
    for name in _ACTIONS.values():
        if len(given.get(name, [])) > _MOST_ACTIONS:
            raise ValidationError(f"{name} must have at most {_MOST_ACTIONS} members.")
        for arn in given.get(name, []):
            if service_of(arn) not in ("sns", "lambda"):
                raise ValidationError(f"{name}: local AWS supports SNS topics and Lambda functions, not {arn}.")


def _check_comparison(given: Mapping[str, Any]) -> None:
    for name in ("AlarmName", "EvaluationPeriods", "ComparisonOperator"):
        if name not in given:
            raise ValidationError(f"The parameter {name} is required.")
    if "ThresholdMetricId" in given or given["ComparisonOperator"] not in COMPARISONS:
        raise ValidationError(
            f"ComparisonOperator must be one of {', '.join(COMPARISONS)}; local AWS doesn't support anomaly detection."
        )
    if "Threshold" not in given:
        raise ValidationError("The parameter Threshold is required.")


def _check_metric(given: Mapping[str, Any]) -> None:
    for name in ("Namespace", "Period"):
        if name not in given:
            raise ValidationError(f"The parameter {name} is required.")
    if ("Statistic" in given) == ("ExtendedStatistic" in given):
        raise InvalidParameterCombination("An alarm needs either Statistic or ExtendedStatistic.")
    if "Statistic" in given and given["Statistic"] not in SIMPLE:
        raise InvalidParameterValue(f"The value {given['Statistic']} for parameter Statistic is not supported.")
    _check_statistic(given.get("ExtendedStatistic", "Sum"))
    read_dimensions(given.get("Dimensions", []), "Alarm")


def _check_queries(definition: Definition) -> None:
    queries = definition.queries
    for name in ("Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit"):
        if name in definition.given:
            raise InvalidParameterCombination(f"{name} can't be given along with Metrics.")
    if sum(bool(query.get("ReturnData", True)) for query in queries) != 1:
        raise ValidationError("Exactly one of Metrics must have ReturnData true.")
    periods = {int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query}
    if len(periods) > 1:
        raise ValidationError("Each of Metrics must have the same period.")
    known = {query.get("Id") for query in queries}
    for query in queries:
        if "MetricStat" in query:
            _check_statistic(query["MetricStat"]["Stat"])
            continue
        try:
            unknown = sorted(set(names_in(parse(query["Expression"]))) - known)
        except Malformed as error:
            raise ValidationError(f"Error in expression '{query.get('Id')}': {error}") from None
        used = [name for name in sorted(NOT_SUPPORTED) if name in query["Expression"]]
        if used:
            raise ValidationError(f"Error in expression '{query.get('Id')}': {used[0]} isn't supported by local AWS.")
        if unknown:
            raise ValidationError(f"Error in expression '{query.get('Id')}': the metric {unknown[0]} isn't defined.")


def _check_statistic(name: str) -> None:
    try:
        parse_statistic(name)
    except UnknownStatistic as error:
        raise InvalidParameterValue(str(error)) from None


def _check_period(definition: Definition) -> None:
    period = definition.period
    if period not in _SHORT_PERIODS and (period < 60 or period % 60):
        raise ValidationError("Period must be 10, 20, 30 or a multiple of 60.")
    if period * definition.periods > (_WEEK if period >= 3600 else _DAY):
        raise ValidationError("Metrics can't be checked across more than a day, or a week for periods of an hour on.")
