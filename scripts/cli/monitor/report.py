"""`mlops monitor report`: what monitoring found in a window of a model, and what to do about it."""

import webbrowser
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import obstore
import typer
from rich.markup import escape

from cli.errors import CommandError
from cli.models.registered_model import ModelArgument, open_model
from cli.monitor.windows import WindowArgument, find_window, open_records
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import Store

if TYPE_CHECKING:
    from mlops.monitoring.archive import Archive
    from mlops.monitoring.report import Report

HISTORY = 14
"""Days that the summary takes into account: truth is late."""
_STYLES = {"well": "bold green", "watch": "bold yellow", "unwell": "bold red", "unknown": "bold"}


def report(
    model: ModelArgument,
    window: WindowArgument = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the report, an HTML page, to this file.", dir_okay=False),
    ] = None,
    browse: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Whether a model is well and what to do; with --open or --output the whole report as a page."""
    from mlops.monitoring.archive import Archive
    from mlops.monitoring.layout import facts_key, report_key

    target = Stack(stack)
    found = open_model(target, model)
    store = open_records(target)
    archive = Archive(store)
    chosen = find_window(archive, model, window)
    if as_json:
        console.print_json(_read(store, facts_key(model, chosen)).decode())
    if output or browse:
        file = output or Path(f"{model}-{chosen}.html")
        file.write_bytes(_read(store, report_key(model, chosen)))
        if not as_json:
            console.print(f"wrote {escape(str(file))}")
        if browse:
            webbrowser.open(file.resolve().as_uri())
    elif not as_json:
        _print_summary(gather(archive, found.aliases, model, chosen))


def gather(archive: "Archive", aliases: Aliases, model: str, window: str) -> "Report":
    """The report of a window from what monitoring stored, without its columns' references.

    The incidents are those that were opened by then, as they are now: what has happened since matters to the reader.
    """
    from mlops.monitoring.report import Report

    days = archive.read_history(model, window, HISTORY) if "T" not in window else []
    facts = archive.read_facts(model, window)
    assert facts is not None
    bare = Report(facts, tuple(each for each in days if each.window != window))
    incidents = archive.read_incidents(model, before=bare.end + timedelta(microseconds=1))
    alias = aliases.find(CHAMPION)
    return replace(bare, incidents=tuple(incidents), moves=alias.history if alias else ())


def _print_summary(found: "Report") -> None:
    from mlops.monitoring.report.advice import advise
    from mlops.monitoring.report.headline import write_headline

    if found.facts.recommendations is not None:
        _print_recommendations(found)
        return
    headline, facts = write_headline(found), found.facts
    console.print(f"[bold]{escape(facts.model)}[/]  {facts.window}  [{_STYLES[headline.tone]}]{headline.label}[/]")
    console.print(escape(headline.sentence))
    console.print("\n[bold]What to do now[/]")
    for number, step in enumerate(advise(found, headline), 1):
        console.print(f"{number}. {escape(step.what)}")
        if step.command:
            console.print(f"   [cyan]{escape(step.command)}[/]")
    if "T" not in facts.window:
        console.print(
            f"\nThe whole report: scripts/mlops monitor report {facts.model} {facts.window} --open", style="dim"
        )


def _print_recommendations(found: "Report") -> None:
    from mlops.monitoring.recommendations.headline import list_steps, write_headline

    facts, headline = found.facts, write_headline(found.facts, found.incidents)
    console.print(f"[bold]{escape(facts.model)}[/]  {facts.window}  [{_STYLES[headline.tone]}]{headline.label}[/]")
    console.print(escape(headline.sentence))
    console.print("\n[bold]What to do now[/]")
    for number, step in enumerate(list_steps(facts, found.incidents), 1):
        console.print(f"{number}. {escape(step)}")
    console.print(f"\nThe whole report: scripts/mlops monitor report {facts.model} {facts.window} --open", style="dim")


def _read(store: Store, key: str) -> bytes:
    try:
        return bytes(obstore.get(store, key).bytes())
    except FileNotFoundError:
        raise CommandError(f"There is no {key} in the records bucket; only days have a page.") from None
