"""`mlops models new`: a model spec from a first dataset."""

from pathlib import Path
from typing import Annotated

import typer

from cli.stack import JsonOption


def new(
    name: Annotated[str, typer.Argument(help="The model's name: small letters, digits and hyphens.")],
    file: Annotated[
        Path, typer.Argument(help="Its first dataset: CSV, gzipped CSV or Parquet.", exists=True, dir_okay=False)
    ],
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: Annotated[
        str | None, typer.Option(help="binary, multiclass or regression, if it's another than the target seems to ask.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a model spec from a dataset: kinds, ranges, categories, missing cells, key, target and candidates.

    The spec is yours to edit. An existing one is never overwritten.
    """
    # What infers takes seconds to import: no other command shall wait for it.
    from cli.models.drafting import write_draft

    write_draft(name, file, target, task, as_json=as_json)
