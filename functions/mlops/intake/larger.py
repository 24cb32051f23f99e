"""Where a dataset is trained on that is too large for the training function: a container of Fargate."""

from dataclasses import dataclass
from typing import Any

from mlops.data.read import MAX_BYTES
from mlops.intake.resources import MEGABYTE, MEMORY_PER_BYTE, MOST_MEMORY, OWN_MEMORY

UNPACKED = 8
"""Bytes that a byte of a compressed file becomes at most, as is assumed before it's read."""


@dataclass(frozen=True)
class ContainerSize:
    """CPU units (1,024 are one vCPU) and the memory in MiB."""

    cpu: int
    memory: int


# Sizes that Fargate has. The second one does for the largest dataset that is read.
SIZES = (ContainerSize(4096, 16384), ContainerSize(8192, 32768))


def choose_container(size: int, key: str) -> ContainerSize:
    """The smallest container whose memory does for a file of so many bytes, called `key`; else the largest."""
    unpacked = size if key.endswith(".csv") else min(MAX_BYTES, UNPACKED * size)
    memory = (OWN_MEMORY + MEMORY_PER_BYTE * unpacked) / MOST_MEMORY
    return next((each for each in SIZES if memory <= each.memory * MEGABYTE), SIZES[-1])


@dataclass(frozen=True)
class StateMachine:
    """The state machine that trains, through a boto3 client of Step Functions."""

    client: Any
    arn: str

    def start(self, message_id: str, body: str) -> None:
        """Start it on an upload's event. A message that is delivered twice starts it once."""
        try:
            self.client.start_execution(stateMachineArn=self.arn, name=message_id, input=body)
        except self.client.exceptions.ExecutionAlreadyExists:
            return
