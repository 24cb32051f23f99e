"""What can be asked of a local AWS that runs: move its clock, deploy, say what runs, reset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localaws.admin import Operation, Say
from localaws.deployment import Deployer, describe, read
from localaws.durations import parse_duration
from localaws.services import Services
from localaws.settings import Settings
from localaws.template.load import Template

Asked = Mapping[str, Any]
_WAITING, _IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True)
class Operations:
    """The operations on one local AWS; `template` is what it was started with."""

    settings: Settings
    services: Services
    deployer: Deployer
    template: Template | None

    @property
    def by_name(self) -> dict[str, Operation]:
        """Each operation under its name."""
        return {"tick": self.tick, "deploy": self.deploy, "status": self.status, "reset": self.reset}

    def tick(self, asked: Asked, say: Say) -> Mapping[str, Any]:  # noqa: ARG002 (each has the same two)
        """Move the clock on; answers when all that fell due has run."""
        # What was logged until now belongs to the time before.
        self.services.log_writer.flush()
        self.services.timetable.move(parse_duration(str(asked.get("duration", ""))))
        return {"now": self._now()}

    def deploy(self, asked: Asked, say: Say) -> Mapping[str, Any]:
        """Build a template of this machine and deploy it."""
        parameters = asked["parameters"]
        template = read(Path(asked["template"]), parameters)
        return describe(self.deployer.deploy(template, asked["stack_name"], parameters, say))

    def status(self, asked: Asked, say: Say) -> Mapping[str, Any]:  # noqa: ARG002
        """Everything that runs."""
        clients = self.deployer.clients
        functions = clients("lambda").list_functions()["Functions"]
        return {
            "endpoint": self.settings.endpoint_url,
            "region": self.settings.region,
            "now": self._now(),
            "kept": str(self.settings.keep) if self.settings.keep else "memory only",
            "stacks": [describe(stack) for stack in self.deployer.cloudformation.living()],
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

    def reset(self, asked: Asked, say: Say) -> Mapping[str, Any]:  # noqa: ARG002
        """Forget everything, and deploy the template again."""
        self.deployer.cloudformation.forget_all()
        self.services.forget_everything()
        self.deployer.prepare()
        say("everything is deleted")
        if self.template is None:
            return {"stack": None}
        name = self.settings.stack_name
        return {"stack": self.deployer.deploy(self.template, name, self.settings.parameters, say).name}

    def _queue(self, url: str) -> dict[str, Any]:
        wanted = [_WAITING, _IN_FLIGHT]
        found = self.deployer.clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        return {"name": url.rsplit("/", 1)[1], "waiting": int(found[_WAITING]), "in_flight": int(found[_IN_FLIGHT])}

    def _now(self) -> str:
        return datetime.fromtimestamp(self.services.clock.now(), UTC).isoformat(timespec="seconds")
