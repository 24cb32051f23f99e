"""`mlops models compare`: two versions on the same rows, which neither was trained on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.text import Text

from cli.errors import CommandError
from cli.models.compare_clicks import compare_in_stretch, describe_clicks
from cli.models.compare_recommenders import compare_on_dataset, describe
from cli.models.formatting import format_estimate, format_number
from cli.models.registered_model import (
    LATEST,
    ModelArgument,
    SecondVersionArgument,
    VersionArgument,
    open_model,
)
from cli.periods import FromOption, SinceOption, ToOption, parse_period
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.table import Table
from mlops.registry.aliases import CHAMPION
from mlops.registry.manifest.manifest import RECOMMENDER

if TYPE_CHECKING:
    from mlops.training.evaluation.version_comparison import VersionComparison


def compare(
    model: ModelArgument,
    first: VersionArgument = CHAMPION,
    second: SecondVersionArgument = LATEST,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Compare on the rows of this file instead of the second version's dataset.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="List at most this many changed rows.", min=0)] = 10,
    clicks: Annotated[
        bool,
        typer.Option("--clicks", help="Of recommenders: by clicks on answers that explored, in place of a dataset."),
    ] = False,
    since: SinceOption = "7d",
    start: FromOption = None,
    end: ToOption = None,
    privacy_key: Annotated[
        str, typer.Option(envvar="PRIVACY_KEY", help="The stack's PrivacyKey: with --clicks, where ids aren't private.")
    ] = "",
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Two versions side by side: metrics with their intervals, and the rows whose answer changed.

    Both answer the rows of the second version's dataset that neither was trained on; of recommenders, both answer the
    same users, whose held-out interactions neither has seen. With --clicks it's said what users would have clicked of
    what each recommender shows, by the answers of a stretch of time that explored (see ExploreShare).
    """
    # Slow to import: the other commands don't need it.
    with progress_console.status("loading …"):
        from mlops.training.evaluation.version_comparison import compare_versions
        from mlops.training.provenance import fetch_dataset, recorded_spec, valid_rows

    target = Stack(stack)
    found = open_model(target, model)
    numbers = found.find(first).version, found.find(second).version
    if numbers[0] == numbers[1]:
        raise CommandError(f"{first} and {second} are the same: version {numbers[0]}.")
    if found.versions.manifest(numbers[1]).kind == RECOMMENDER:
        recommenders = found.versions.recommender(numbers[0]), found.versions.recommender(numbers[1])
        if clicks:
            stretch = parse_period(since, start, end, target.now)
            with progress_console.status("comparing …"):
                by_clicks = compare_in_stretch(target, found, recommenders, stretch, privacy_key.encode())
            if as_json:
                console.print_json(json.dumps({"model": model, **by_clicks.to_dict()}))
            else:
                console.print(describe_clicks(by_clicks))
            return
        with progress_console.status("comparing …"):
            compared = compare_on_dataset(found, recommenders, data, target)
        if as_json:
            console.print_json(json.dumps({"model": model, **compared.to_dict()}))
        else:
            console.print(describe(compared))
        return
    if clicks:
        raise CommandError(f"--clicks compares recommenders, and {model} predicts a table's rows.")
    manifests = found.versions.table(numbers[0]), found.versions.table(numbers[1])
    with progress_console.status("comparing …"):
        spec = recorded_spec(manifests[1])
        content = data.read_bytes() if data else fetch_dataset(target.s3, manifests[1])
        name = str(data) if data else manifests[1].dataset.uri
        comparison = compare_versions(found.versions, manifests, valid_rows(content, name, spec), name, spec)
    if as_json:
        console.print_json(json.dumps({"model": model, **comparison.to_dict(limit)}))
    else:
        console.print(_describe(comparison, limit))


def _describe(comparison: "VersionComparison", limit: int) -> Group:
    first, second = comparison.versions
    title = Text(
        f"version {first} and version {second} on {comparison.rows:,} rows that neither was trained on", "bold"
    )
    parts: list[Any] = [title, Text(comparison.dataset, style="dim"), "", _metrics(comparison), ""]
    if comparison.gained is None:
        parts.append(
            f"{len(comparison.changed):,} rows have another value" + (", the largest changes:" if limit else "")
        )
    else:
        turned = f"{comparison.gained} became right, {comparison.lost} became wrong"
        parts.append(f"{len(comparison.changed):,} rows have another answer: {turned}")
    if comparison.changed and limit:
        parts += ["", _rows(comparison, limit)]
    return Group(*parts)


def _metrics(comparison: "VersionComparison") -> Table:
    table = Table()
    table.add_column("metric")
    for version in comparison.versions:
        table.add_column(f"version {version} (interval)", justify="right")
    table.add_column("gain (interval)", justify="right")
    table.add_column("result")
    styles = {"better": "green", "worse": "bold red"}
    for name, before in comparison.estimates[0].items():
        cells = [format_estimate(before), format_estimate(comparison.estimates[1][name])]
        difference = comparison.differences.get(name)
        if difference is None:
            table.add_row(name, *cells, "", "")
            continue
        gain = f"{_signed(difference.difference)} ({_signed(difference.low)} to {_signed(difference.high)})"
        table.add_row(name, *cells, gain, Text(difference.verdict, style=styles.get(difference.verdict, "")))
    return table


def _rows(comparison: "VersionComparison", limit: int) -> Table:
    first, second = comparison.versions
    table = Table()
    for column in ("row", "truth", f"version {first}", f"version {second}"):
        table.add_column(column, justify="right" if column == "row" else "left", no_wrap=True)
    for row in comparison.changed[:limit]:
        cells = (_answer(row.first, row.first_certainty), _answer(row.second, row.second_certainty))
        table.add_row(f"{row.row:,}", _answer(row.truth, None), *cells)
    return table


def _answer(answer: str | float, certainty: float | None) -> str:
    text = escape(answer) if isinstance(answer, str) else format_number(answer)
    return text if certainty is None else f"{text} ({certainty:.3f})"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{format_number(value)}"
