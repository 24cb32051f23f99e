"""What `mlops models compare` does for recommenders: two versions on the same users."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from cli.models.formatting import format_estimate, format_number
from cli.models.registered_model import RegisteredModel
from cli.stack import Stack
from cli.table import Table
from mlops.errors.training import SpecInvalid
from mlops.registry.manifest.recommender import RecommenderManifest

if TYPE_CHECKING:
    from mlops.recommend.version_comparison import RecommenderComparison

_STYLES = {"better": "green", "worse": "bold red"}


def compare_on_dataset(
    found: RegisteredModel,
    manifests: tuple[RecommenderManifest, RecommenderManifest],
    data: Path | None,
    target: Stack,
) -> "RecommenderComparison":
    """Compare on a file, or on the dataset of the second version."""
    # Slow to import: the other commands don't need it.
    from mlops.recommend.version_comparison import compare_recommenders
    from mlops.spec import RecommenderSpec, load_spec
    from mlops.training.provenance import fetch_dataset

    spec = load_spec(found.name)
    if not isinstance(spec, RecommenderSpec):
        raise SpecInvalid(found.name, "it is that of a table's model by now")
    content = data.read_bytes() if data else fetch_dataset(target.s3, manifests[1])
    name = str(data) if data else manifests[1].dataset.uri
    return compare_recommenders(found.versions, manifests, content, name, spec, target.now())


def describe(comparison: "RecommenderComparison") -> Group:
    """The comparison as people read it."""
    first, second = comparison.versions
    overall = comparison.overall
    how = "itself" if comparison.itself else "by its procedure, fitted to the same interactions"
    title = Text(f"version {first} and version {second} on held-out interactions of {overall.rows:,} users", "bold")
    lines = Text(f"{comparison.dataset}\nversion {first} answers {how}\n", style="dim")
    return Group(title, lines, _differences(comparison), "", _estimates(comparison))


def _differences(comparison: "RecommenderComparison") -> Table:
    first, second = comparison.versions
    table = Table()
    table.add_column(comparison.overall.metric)
    for column in ("users", f"version {first}", f"version {second}", "gain (interval)"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("result")
    for part in (comparison.overall, *comparison.slices):
        gain = f"{part.difference:+.4f} ({part.low:+.4f} to {part.high:+.4f})"
        cells = (format_number(part.champion), format_number(part.candidate), gain)
        table.add_row(part.where, f"{part.rows:,}", *cells, Text(part.verdict, style=_STYLES.get(part.verdict, "")))
    return table


def _estimates(comparison: "RecommenderComparison") -> Table:
    table = Table()
    table.add_column("metric")
    table.add_column(f"version {comparison.versions[1]} (interval)", justify="right", no_wrap=True)
    for name, estimate in comparison.estimates.items():
        table.add_row(name, format_estimate(estimate))
    return table
