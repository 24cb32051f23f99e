"""The records of a model and a stretch of time, and what of them couldn't be read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.models.registered_model import open_model
from cli.periods import parse_period, soon
from cli.stack import Stack, progress_console
from mlops.records.window import Window
from mlops.registry.aliases import CHAMPION
from mlops.registry.store import Store, open_store

if TYPE_CHECKING:
    from mlops.records.query import Stretch
    from mlops.records.read import ReadReport
    from mlops.records.standing import FeedbackSource

VersionOption = Annotated[
    str | None,
    typer.Option("--version", help="Read this version's predictions alone, by its contract: a number or an alias."),
]
_MAX_SHOWN = 3


@dataclass(frozen=True)
class ModelRecords:
    """The records of one model in a stretch of time; `versions` are those whose predictions count, None for all."""

    source: "FeedbackSource"
    window: Window
    versions: tuple[int, ...] | None


def open_records(stack: Stack) -> Store:
    """The stack's records bucket."""
    return open_store(f"s3://{stack.outputs['RecordsBucketName']}")


def find_records(
    stack: Stack, model: str, version: str | None, since: str, start: str | None, end: str | None
) -> ModelRecords:
    """What is known of a model and period before anything is read. Raises CommandError.

    Records are read by the contract of the version, else of the champion. Feedback counts from the period's start until
    now: no truth is older than its prediction.
    """
    from mlops.records.standing import FeedbackSource

    window = parse_period(since, start, end, stack.now)
    manifest = open_model(stack, model).find_table(version or CHAMPION)
    received = Window(window.start, max(window.end, soon(stack.now())))
    source = FeedbackSource(open_records(stack), model, manifest.contract, received, manifest.key)
    return ModelRecords(source, window, None if version is None else (manifest.version,))


@contextmanager
def open_tables(records: ModelRecords) -> Iterator["Stretch"]:
    """SQL over the records. What couldn't be read is reported on standard error at the end."""
    # Slow to import: the other commands don't need it.
    from mlops.records.query import open_stretch

    with (
        progress_console.status("reading …"),
        open_stretch(records.source, records.window, versions=records.versions) as stretch,
    ):
        yield stretch
    warn(stretch.reports)


def warn(reports: "Mapping[str, ReadReport]") -> None:
    """Report on standard error what couldn't be read, with examples."""
    for name, report in reports.items():
        if report.unreadable:
            progress_console.print(
                f"[yellow]warning[/] {report.unreadable:,} lines of {name} aren't records of this contract:"
            )
            for example in report.examples[:_MAX_SHOWN]:
                progress_console.print(
                    f"  {escape(f'{example["object"]}, line {example["line"]}: {example["reason"]}')}"
                )
        for damaged in report.damaged:
            progress_console.print(
                f"[yellow]warning[/] {escape(f'{damaged["object"]} is damaged: {damaged["reason"]}')}"
            )
