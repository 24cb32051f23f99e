"""CloudWatch metrics and alarms that answer truly, put into moto: what's stored is aggregated and watched."""

from localaws.metrics.cloudwatch import CloudWatch
from localaws.metrics.install import install
from localaws.metrics.meter import Meter
from localaws.metrics.queues import QueueMeter
from localaws.metrics.store import MetricStore

__all__ = ["CloudWatch", "Meter", "MetricStore", "QueueMeter", "install"]
