"""CloudWatch metrics and alarms with aggregation and evaluation, installed into moto."""

from localaws.metrics.cloudwatch import CloudWatch
from localaws.metrics.install import install
from localaws.metrics.meter import ExecutionDimensions, Meter
from localaws.metrics.queues import QueueMeter
from localaws.metrics.store import MetricStore

__all__ = ["CloudWatch", "ExecutionDimensions", "Meter", "MetricStore", "QueueMeter", "install"]
