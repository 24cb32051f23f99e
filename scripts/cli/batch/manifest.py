"""What a batch did, for a person."""

from typing import Any

from rich.markup import escape

from cli.stack import console

_MAX_SHOWN = 5


def print_manifest(manifest: dict[str, Any]) -> None:
    """The rows, the answers, what was rejected and why, and where everything lies."""
    rejected = manifest["rejected"]
    console.print(
        f"{manifest['model']} version {manifest['version']}: {manifest['answered']:,} of {manifest['rows']:,} rows "
        f"answered, in {manifest['function_seconds']:,.1f} s of functions' time",
        markup=False,
    )
    for label, count in manifest.get("labels", {}).items():
        share = count / manifest["answered"] if manifest["answered"] else 0
        console.print(escape(f"  {label}: {count:,} ({share:.1%})"))
    if manifest.get("mean_value") is not None:
        console.print(f"  mean {manifest['mean_value']:g}", markup=False)
    if rejected["rows"]:
        reasons = ", ".join(f"{count:,} by {rule!r}" for rule, count in rejected["reasons"].items())
        console.print(escape(f"{rejected['rows']:,} rows have no answer ({reasons}):"))
        for example in rejected["examples"][:_MAX_SHOWN]:
            console.print(escape(f"  row {example['row']} of {example['file']}: {example['message']}"))
        console.print(f"  all of them: {rejected['all']}", markup=False)
    moved = manifest["champion_at_end"] != manifest["version"] and manifest["role"] == "champion"
    if moved:
        console.print(f"the champion is version {manifest['champion_at_end']} by now", markup=False)
    console.print(f"answers: {manifest['output']}", markup=False)
