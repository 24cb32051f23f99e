"""`mlops records recover`: records that Firehose couldn't partition and that still lie under its error prefix."""

from dataclasses import asdict

import typer
from rich.markup import escape

from cli.records.stretch import open_records
from cli.records.tables import print_json
from cli.stack import JsonOption, Stack, StackOption, console


def recover(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """Put records that Firehose couldn't partition where they belong. Exits 1 if some can't be read.

    IngestFunction does it as they arrive; this is for what is left, such as after its dead letters.
    """
    from mlops.records.recover import recover_records

    found = recover_records(open_records(Stack(stack)))
    if as_json:
        print_json(asdict(found))
    else:
        console.print(f"recovered {found.records:,} records of {found.objects:,} objects")
        for each in found.unreadable:
            console.print(f"[bold red]unreadable[/] {escape(each['object'])}: {escape(each['reason'])}")
    if found.unreadable:
        raise typer.Exit(1)
