"""The history of a stack's redrives."""

import os

from cli.stack import Stack
from mlops.operations.history import History
from mlops.registry.store import open_store


def open_history(stack: Stack) -> History:
    """The history, in the records bucket. Raises CommandError if the stack isn't there."""
    return History(open_store(f"s3://{stack.outputs['RecordsBucketName']}", os.environ), stack.now)
