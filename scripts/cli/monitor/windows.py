"""The windows of a model that were looked at, in the stack's records bucket."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError
from cli.stack import Stack
from mlops.records.window import Window
from mlops.registry.store import Store, open_store

if TYPE_CHECKING:
    from mlops.monitoring.archive import Archive

WindowArgument = Annotated[
    str | None, typer.Argument(help="A day (2026-11-29) or an hour (2026-11-29T14), UTC; the latest day by default.")
]
_LAST = "9999-12-31"


def open_records(stack: Stack) -> Store:
    """The store of the stack's records bucket."""
    return open_store(f"s3://{stack.outputs['RecordsBucketName']}")


def find_window(archive: "Archive", model: str, window: str | None) -> str:
    """The window that was asked for, or the latest day. Raises CommandError if it wasn't looked at."""
    if window is not None:
        try:
            Window.parse(window)
        except ValueError as error:
            raise CommandError(f"{error}.") from None
        if archive.read_facts(model, window) is not None:
            return window
    latest = archive.read_history(model, _LAST, 1)
    if not latest:
        raise CommandError(f"Monitoring hasn't looked at any day of {model!r} yet; it looks at a day when it's over.")
    if window is not None:
        raise CommandError(f"Monitoring hasn't looked at {window} of {model!r}; the latest day is {latest[0].window}.")
    return latest[0].window
