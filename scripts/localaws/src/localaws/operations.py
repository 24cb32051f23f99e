"""The operations on a running local AWS: move its clock, deploy, report its status, reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localaws.admin import Operation, Progress
from localaws.deployment import Deployer, describe, read_all
from localaws.durations import parse_duration
from localaws.iam.report import unused
from localaws.logs import arrived
from localaws.services import Services
from localaws.settings import ACCOUNT, Settings
from localaws.template.load import Template

Request = Mapping[str, Any]
_WAITING, _IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True)
class Operations:
    """The operations on one local AWS; `templates` are those it was started with."""

    settings: Settings
    services: Services
    deployer: Deployer
    templates: Sequence[tuple[str, Template]]

    @property
    def by_name(self) -> dict[str, Operation]:
        """Operation name → operation."""
        return {
            "tick": self.tick,
            "deploy": self.deploy,
            "status": self.status,
            "reset": self.reset,
            "iam": self.iam,
            "logs": self.logs,
        }

    def tick(self, request: Request, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG002 (operations share a signature)
        """Move the clock forward; returns when everything that fell due has run."""
        # Events logged until now belong to the time before the tick.
        self.services.log_writer.flush()
        self.services.timetable.move(parse_duration(str(request.get("duration", ""))))
        return {"now": self._now()}

    def deploy(self, request: Request, progress: Progress) -> Mapping[str, Any]:
        """Build and deploy a template file, or the stacks of an assembly of the CDK."""
        parameters = request["parameters"]
        found = read_all(Path(request["template"]), request["stack_name"], parameters)
        stacks = [self.deployer.deploy(template, name, parameters, progress) for name, template in found]
        return {"stacks": [describe(stack) for stack in stacks]}

    def status(self, request: Request, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG002
        """List stacks, functions and queues."""
        clients = self.deployer.clients
        pages = clients("lambda").get_paginator("list_functions").paginate()
        functions = [function for page in pages for function in page["Functions"]]
        return {
            "endpoint": self.settings.endpoint_url,
            "region": self.settings.region,
            "now": self._now(),
            "kept": str(self.settings.keep) if self.settings.keep else "in memory only",
            "stacks": [describe(stack) for stack in self.deployer.cloudformation.active_stacks()],
            "functions": [
                {
                    "name": function["FunctionName"],
                    "runtime": function.get("Runtime", "image"),
                    "memory": function["MemorySize"],
                    "timeout": function["Timeout"],
                }
                for function in functions
            ],
            "queues": [self._queue(url) for url in clients("sqs").list_queues().get("QueueUrls", [])],
        }

    def iam(self, request: Request, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG002
        """List the permissions that calls lacked, the statements that none has needed, and what allowed calls."""
        guard = self.services.guard
        return {
            "mode": guard.mode,
            "missing": [str(each) for each in guard.missing],
            "unused": [{"role": role, "statement": statement} for role, statement in unused(guard)],
            "used": [each.report() for each in guard.uses.all()],
        }

    def logs(self, request: Request, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG002
        """The events of a log group that arrived after a position, and the position of the next ones."""
        self.services.log_writer.flush()
        file = self.services.log_events.find(ACCOUNT, self.settings.region, str(request["group"]))
        found = arrived(file, str(request["filter"]), request.get("position"))
        events = [
            {"id": event.event_id, "timestamp": event.timestamp, "message": event.message} for event in found.events
        ]
        return {"events": events, "position": found.position}

    def reset(self, request: Request, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG002
        """Delete everything, then deploy the template again."""
        self.deployer.cloudformation.forget_all()
        self.services.reset()
        self.deployer.prepare()
        progress("deleted everything")
        given = self.settings.parameters
        stacks = [self.deployer.deploy(template, name, given, progress) for name, template in self.templates]
        return {"stacks": [stack.name for stack in stacks]}

    def _queue(self, url: str) -> dict[str, Any]:
        wanted = [_WAITING, _IN_FLIGHT]
        found = self.deployer.clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        return {"name": url.rsplit("/", 1)[1], "waiting": int(found[_WAITING]), "in_flight": int(found[_IN_FLIGHT])}

    def _now(self) -> str:
        return datetime.fromtimestamp(self.services.clock.now(), UTC).isoformat(timespec="seconds")
