"""Saves the state of local AWS to a folder, and restores it at the next start."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Stack
from localaws.errors import LocalAwsError
from localaws.generated_names import Names
from localaws.resource_types.base import Clients
from localaws.state.folder import Folder
from localaws.state.messages import Messages
from localaws.state.objects import Objects
from localaws.state.records import Logs, Parameters

logger = logging.getLogger(__name__)
_SAVE_SECONDS = 10.0


class Keeper:
    """The state of one local AWS. Stacks are deployed again with their old physical names, then filled with content.

    It's saved every ten seconds and when local AWS stops. Not saved: undelivered events, metrics, and the contents of
    DynamoDB and Secrets Manager.
    """

    def __init__(self, root: Path, clients: Clients, cloudformation: CloudFormation, names: Names, region: str) -> None:
        self._folder = Folder(root)
        self._clients, self._cloudformation, self._names = clients, cloudformation, names
        self._objects, self._messages = Objects(self._folder), Messages(region)
        self._logs, self._parameters = Logs(region), Parameters(clients, region)
        self._kept = self._folder.read()
        self._names.known.update(self._kept.get("names", {}))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="keeper", daemon=True)

    def restore(self, deploy: Callable[[], Stack] | None, own: str, progress: Callable[[str], None]) -> Stack | None:
        """Restore everything; `deploy`, if given, deploys the stack called `own`. Returns that stack, if there's one.

        Buckets and queues that belong to no stack are restored too. Raises LocalAwsError if a stack can't be deployed
        again.
        """
        kept = self._kept
        stack: Stack | None = None
        with self._names.reusing():
            of_stacks = {name for saved in kept.get("stacks", []) for name in saved["physical"]}
            self._create_missing(lambda name: name not in of_stacks)
            filled: set[str] = set()
            for parameter in kept.get("parameters", []):
                self._parameters.fill(parameter)
            for saved in kept.get("stacks", []):
                self._fill(filled)
                if deploy and saved["name"] == own:
                    continue
                again = self._cloudformation.create_stack(
                    saved["name"], saved["text"], saved["parameters"], saved["tags"]
                )
                if not again.status.endswith("_COMPLETE") or "ROLLBACK" in again.status:
                    raise LocalAwsError(f"Stack {saved['name']} could not be deployed again: {again.reason}")
                progress(f"stack {saved['name']} deployed again")
                stack = again if saved["name"] == own else stack
            if deploy:
                self._fill(filled)
                stack = deploy()
            self._create_missing(lambda _: True)
            self._fill(filled)
        for parameter in kept.get("parameters", []):
            self._parameters.fill(parameter)
        for group in kept.get("logs", []):
            self._logs.fill(group)
        return stack

    def start(self) -> None:
        """Start saving the state."""
        self._thread.start()

    def close(self) -> None:
        """Save the state a last time and release the folder."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            self._save()
            self._folder.delete_contents_except(self._objects.contents())
        self._folder.close()

    def _create_missing(self, wanted: Callable[[str], bool]) -> None:
        for bucket in self._kept.get("buckets", []):
            if wanted(bucket["name"]) and bucket["name"] not in self._objects.names():
                self._clients("s3").create_bucket(Bucket=bucket["name"])
                if bucket["versioning"]:
                    self._clients("s3").put_bucket_versioning(
                        Bucket=bucket["name"], VersioningConfiguration={"Status": bucket["versioning"]}
                    )
        for queue in self._kept.get("queues", []):
            if wanted(queue["name"]) and queue["name"] not in self._messages.names():
                self._clients("sqs").create_queue(QueueName=queue["name"], Attributes=queue["attributes"])

    def _fill(self, filled: set[str]) -> None:
        """Restore the content of the buckets and queues that exist by now, each once."""
        for part, section in ((self._objects, "buckets"), (self._messages, "queues")):
            existing: Any = part.names()
            for item in self._kept.get(section, []):
                mark = f"{section}/{item['name']}"
                if item["name"] in existing and mark not in filled:
                    part.fill(item)
                    filled.add(mark)

    def _save(self) -> None:
        self._folder.write(
            {
                "names": self._names.known,
                "stacks": [_stack(stack) for stack in self._cloudformation.active_stacks()],
                "buckets": self._objects.read(),
                "queues": self._messages.read(),
                "parameters": self._parameters.read(),
                "logs": self._logs.read(),
            }
        )

    def _follow(self) -> None:
        while not self._stopping.wait(_SAVE_SECONDS):
            try:
                self._save()
            except Exception:
                # A resource may be deleted while it's read; the next save works again.
                logger.exception("The state could not be saved; it's tried again in %s s.", _SAVE_SECONDS)


def _stack(stack: Stack) -> dict[str, Any]:
    values = stack.plan.parameters
    given = {key: ",".join(value) if isinstance(value, list) else value for key, value in values.items()}
    physical = [record.physical_id.rsplit("/", 1)[-1] for record in stack.records.values()]
    return {
        "name": stack.name,
        "text": stack.plan.text,
        "parameters": given,
        "tags": stack.tags,
        "physical": physical,
    }
