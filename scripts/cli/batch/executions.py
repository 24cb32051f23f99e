"""The batches of a stack, followed until they end."""

import os
import time

import boto3

from cli.stack import Stack, progress_console
from mlops.operations.batches import RUNNING, Batch, Batches, describe_counts
from mlops.registry.store import open_store

_POLL_SECONDS = 0.5


def open_batches(stack: Stack) -> Batches:
    """The batches of a stack. Raises CommandError if it isn't there."""
    outputs = stack.outputs
    answers = open_store(f"s3://{outputs['AnswersBucketName']}", os.environ)
    return Batches(boto3.client("stepfunctions"), outputs["BatchStateMachineArn"], answers, stack.now)


def follow(batches: Batches, name: str) -> Batch:
    """The batch once it has ended; shows its progress. Raises BatchNotFound."""
    with progress_console.status("planning …") as shown:
        while (batch := batches.find(name)).status == RUNNING:
            counts = batches.count_chunks(batch)
            if counts:
                shown.update(describe_counts(counts))
            time.sleep(_POLL_SECONDS)
    return batch
