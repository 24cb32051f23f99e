"""Saves the state of local AWS to a folder, and restores it at the next start."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaws.cloudformation.errors import ValidationError
from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Stack
from localaws.errors import LocalAwsError
from localaws.firehose.delivery import DeliveryStreams
from localaws.generated_names import Names
from localaws.logs import EventStore
from localaws.resource_types.base import Clients
from localaws.state.folder import Folder
from localaws.state.messages import Messages
from localaws.state.objects import Objects
from localaws.state.part import Part
from localaws.state.records import Logs, Parameters
from localaws.state.secrets import Secrets
from localaws.state.tables import Tables

logger = logging.getLogger(__name__)
_SAVE_SECONDS = 10.0


class Keeper:
    """The state of one local AWS. Stacks are deployed again with their old physical names, then filled with content.

    It's saved every ten seconds and when local AWS stops. `parts` are restored around the deployment of the stacks.
    """

    def __init__(
        self,
        folder: Folder,
        clients: Clients,
        cloudformation: CloudFormation,
        names: Names,
        region: str,
        streams: DeliveryStreams,
        log_events: EventStore,
        parts: Mapping[str, Part],
    ) -> None:
        self._folder = folder
        self._clients, self._cloudformation, self._names = clients, cloudformation, names
        self._objects, self._messages = Objects(self._folder), Messages(region)
        self._tables, self._secrets = Tables(clients, region), Secrets(clients, region)
        self._streams = streams
        self._logs, self._parameters = Logs(region, log_events), Parameters(clients, region)
        self._parts = parts
        self._kept = self._folder.read()
        self._names.known.update(self._kept.get("names", {}))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="keeper", daemon=True)

    def restore(
        self, deploy: Callable[[], list[Stack]] | None, own: list[str], progress: Callable[[str], None]
    ) -> list[Stack]:
        """Restore everything; `deploy`, if given, deploys the stacks called `own`. Returns those that there are.

        What belongs to no stack is restored too. Raises LocalAwsError if a stack can't be deployed again.
        """
        kept = self._kept
        stacks: list[Stack] = []
        earlier = [name for saved in kept.get("stacks", []) for name in saved.get("physical", [])]
        of_stacks = {*kept.get("owned", []), *earlier}
        parts = {name: part for name, part in self._parts.items() if name in kept}
        for name, part in parts.items():
            part.expect(kept[name])
        with self._names.reusing():
            self._create_missing(lambda name: name not in of_stacks)
            filled: set[str] = set()
            for parameter in kept.get("parameters", []):
                self._parameters.fill(parameter)
            for saved in kept.get("stacks", []):
                self._fill(filled)
                if deploy and saved["name"] in own:
                    continue
                again = self._again(saved)
                if not again.status.endswith("_COMPLETE") or "ROLLBACK" in again.status:
                    raise LocalAwsError(f"Stack {saved['name']} could not be deployed again: {again.reason}")
                progress(f"stack {saved['name']} deployed again")
                stacks += [again] if saved["name"] in own else []
            if deploy:
                self._fill(filled)
                stacks = deploy()
            self._create_missing(lambda _: True)
            self._fill(filled)
        for parameter in kept.get("parameters", []):
            self._parameters.fill(parameter)
        self._logs.restore(kept.get("logs", []))
        lost = [what for name, part in parts.items() for what in part.restore(kept[name], of_stacks)]
        if lost:
            progress(f"note: not kept from the last run: {', '.join(lost)}")
        return stacks

    def _again(self, saved: dict[str, Any]) -> Stack:
        try:
            return self._cloudformation.create_stack(saved["name"], saved["text"], saved["parameters"], saved["tags"])
        except ValidationError as error:
            raise LocalAwsError(f"Stack {saved['name']} could not be deployed again: {error.message}") from None

    def start(self) -> None:
        """Start saving the state."""
        self._thread.start()

    def close(self) -> None:
        """Save the state a last time and release the folder."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            self._save()
            of_parts = {name for part in self._parts.values() for name in part.contents()}
            self._folder.delete_contents_except(self._objects.contents() | of_parts)
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
        for part, section in ((self._tables, "tables"), (self._secrets, "secrets")):
            for item in self._kept.get(section, []):
                # The physical name of a secret is its ARN.
                if wanted(last_part(item.get("arn", item["name"]))) and item["name"] not in part.names():
                    part.create(item)

    def _fill(self, filled: set[str]) -> None:
        """Restore the content of buckets, queues, Firehose streams, tables and secrets that exist by now, each once."""
        for part, section in (
            (self._objects, "buckets"),
            (self._messages, "queues"),
            (self._streams, "streams"),
            (self._tables, "tables"),
            (self._secrets, "secrets"),
        ):
            existing: Any = part.names()
            for item in self._kept.get(section, []):
                mark = f"{section}/{item['name']}"
                if item["name"] in existing and mark not in filled:
                    part.fill(item)
                    filled.add(mark)

    def _save(self) -> None:
        self._folder.write(
            {
                # Before the buckets: a batch that's delivered in between is kept twice rather than not at all.
                "streams": self._streams.read(),
                "names": self._names.known,
                # Nested stacks are deployed again with those that they're in.
                "owned": sorted(owned_names(self._cloudformation)),
                "stacks": [_stack(stack) for stack in self._cloudformation.active_stacks() if stack.parent is None],
                "buckets": self._objects.read(),
                "queues": self._messages.read(),
                "parameters": self._parameters.read(),
                "tables": self._tables.read(),
                "secrets": self._secrets.read(),
                "logs": self._logs.read(),
                **{name: part.read() for name, part in self._parts.items()},
            }
        )

    def _follow(self) -> None:
        while not self._stopping.wait(_SAVE_SECONDS):
            try:
                self._save()
            except Exception:
                # A resource may be deleted while it's read; the next save works again.
                logger.exception("The state could not be saved; it's tried again in %s s.", _SAVE_SECONDS)


def owned_names(cloudformation: CloudFormation) -> set[str]:
    """The physical names of what all stacks have, nested ones too, of each the last part."""
    stacks = cloudformation.active_stacks()
    return {last_part(record.physical_id) for stack in stacks for record in list(stack.records.values())}


def last_part(reference: str) -> str:
    """What comes after the last slash of a physical name or an ARN."""
    return reference.rpartition("/")[2]


def _stack(stack: Stack) -> dict[str, Any]:
    values = stack.plan.parameters
    given = {key: ",".join(value) if isinstance(value, list) else value for key, value in values.items()}
    return {"name": stack.name, "text": stack.plan.text, "parameters": given, "tags": stack.tags}
