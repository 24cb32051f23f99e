"""What `mlops models compare --clicks` does: two recommenders by the clicks on answers that explored."""

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from cli.models.formatting import format_estimate
from cli.models.registered_model import RegisteredModel
from cli.monitor.windows import open_records
from cli.stack import Stack
from cli.table import Table
from mlops.errors.training import SpecInvalid
from mlops.records.window import Window
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.recommender import RecommenderManifest

if TYPE_CHECKING:
    from mlops.monitoring.off_line.compare import ClickComparison


def compare_in_stretch(
    target: Stack,
    found: RegisteredModel,
    manifests: tuple[RecommenderManifest, RecommenderManifest],
    stretch: Window,
    key: bytes,
) -> "ClickComparison":
    """Compare by the records of a stretch of time; what counts as a click is the spec's, if it's there."""
    # Slow to import: the other commands don't need it.
    from mlops.monitoring.off_line.compare import compare_clicks
    from mlops.spec import RecommenderSpec, load_spec
    from mlops.spec.click_through import ClickThrough

    try:
        spec = load_spec(found.name)
        rules = spec.click_through if isinstance(spec, RecommenderSpec) else ClickThrough()
    except SpecInvalid:
        rules = ClickThrough()
    clicks = rules.click_names(manifests[0].interactions.events)
    kept = timedelta(days=float(target.parameters["HistoryDays"]))
    return compare_clicks(found.versions, manifests, open_records(target), stretch, clicks, kept, key)


def describe_clicks(comparison: "ClickComparison") -> Group:
    """The comparison as people read it."""
    first, second = comparison.versions
    title = Text(f"version {first} and version {second} by clicks, on answers that neither learnt from", "bold")
    asked = (
        f"{comparison.judged:,} of {comparison.answers:,} answers, to {comparison.users:,} users, can be asked again"
    )
    places = f"{comparison.places:,} places ({comparison.covered:.1%})"
    lines = Text(
        f"{asked}; {comparison.explored:,} of them explored\n"
        f"{places} show what could have been shown there, by both versions\n"
        f"replaying gave again {comparison.reproduced:.1%} of the answers that didn't explore\n",
        style="dim",
    )
    table = Table()
    table.add_column("clicks by place")
    table.add_column("estimate (interval)", justify="right", no_wrap=True)
    named = [(f"version {number}", each) for number, each in zip(comparison.versions, comparison.clicks, strict=True)]
    for name, estimate in [*named, (f"gain of version {second}", comparison.gain)]:
        table.add_row(name, format_estimate(estimate))
    reasons = {each.reason for each in (*comparison.clicks, comparison.gain) if each.reason}
    return Group(title, lines, table, *sorted(reasons), *_conclude(comparison.gain, second))


def _conclude(gain: Estimate, second: int) -> list[Text]:
    if gain.interval is None:
        return []
    if gain.interval.low > 0:
        return [Text(f"\nversion {second} gets more clicks", style="green")]
    if gain.interval.high < 0:
        return [Text(f"\nversion {second} gets fewer clicks", style="bold red")]
    return [Text("\nno difference is sure: more answers that explore, or a longer stretch, would tell a smaller one")]
