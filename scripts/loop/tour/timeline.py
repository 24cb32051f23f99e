"""The timeline on the screen: a line a day, and what happened below it."""

from datetime import date

from rich.markup import escape

from loop.screen import Screen
from mlops.monitoring.facts import Figure, VersionFacts, WindowFacts
from simulation.simulator import Sent

_INDENT = " " * 14
_ESTIMATE = 27
_FALL = 0.1
"""By so much the lower end of an estimate falls from one day to the next before it's called a fall."""


class Timeline:
    """Prints the days of a model in terms of one metric."""

    def __init__(self, screen: Screen, metric: str) -> None:
        self._screen, self._metric = screen, metric
        self._drifted: dict[int, frozenset[str]] = {}
        self._before: tuple[int, float] | None = None
        self._fell: set[int] = set()

    def head(self) -> None:
        """The line above the first day."""
        columns = f"{'day':>3}  {'date':<6}  by  {f'{self._metric}, estimated':<{_ESTIMATE}}{self._metric}, by truth"
        self._screen.line(f"\n[bold]{columns}[/]")

    def day(self, number: int, day: date, sent: Sent, facts: WindowFacts) -> None:
        """A day: who answered, what is estimated of it, and what the truth that came shows."""
        serving = find_serving(facts)
        by = ",".join(f"v{version}" for version in sent.versions)
        estimated = _write_estimate(serving.estimated.get(self._metric)) if serving else ""
        style = "red" if serving and any(loss.alarm for loss in serving.losses) else "default"
        line = f"{number:>3}  {day:%d %b}  {by:<2}  {estimated:<{_ESTIMATE}}{self._write_truth(facts)}"
        self._screen.line(f"[{style}]{escape(line.rstrip())}[/]")
        if serving:
            self._report_drift(serving)
            self._report_fall(serving)

    def event(self, text: str, style: str = "bold") -> None:
        """Something that happened on the day."""
        self._screen.line(f"{_INDENT}[{style}]{escape(text)}[/]")

    def _report_fall(self, serving: VersionFacts) -> None:
        """The estimate of a version that is much worse at its lower end than the day before, the first time."""
        figure = serving.estimated.get(self._metric)
        low = figure.low if figure else None
        before, self._before = self._before, None if low is None else (serving.version, low)
        fell = low is not None and before and before[0] == serving.version and low < before[1] - _FALL
        if low is not None and before and fell and serving.version not in self._fell:
            self._fell.add(serving.version)
            self.event(
                f"▲ the estimate falls: {self._metric} may be as low as {low:.3f} ({before[1]:.3f} the day before); "
                "what is right isn't known yet",
                "yellow",
            )

    def _write_truth(self, facts: WindowFacts) -> str:
        """The metric of the latest day about which truth came."""
        revised = [(each.window, each.realised) for each in facts.revisions]
        revised += [(facts.window, each.realised) for each in facts.versions if each.realised]
        for window, realised in sorted(revised, key=lambda each: each[0], reverse=True):
            if figure := realised.overall.metrics.get(self._metric):
                return f"{write_figure(figure)} of {date.fromisoformat(window):%d %b}"
        return ""

    def _report_drift(self, serving: VersionFacts) -> None:
        found = [column for column in serving.columns if column.drifted]
        names = frozenset(column.column for column in found)
        news = [column for column in found if column.column not in self._drifted.get(serving.version, frozenset())]
        self._drifted[serving.version] = names | self._drifted.get(serving.version, frozenset())
        if not news:
            return
        first = news[0]
        # The rest of the sentence is for the report.
        what = (first.sentence or first.column).partition(";")[0]
        more = f", and {len(news) - 1} more" if len(news) > 1 else ""
        self.event(f"▲ drift since version {serving.version} was trained: {what}{more}", "yellow")


def find_serving(facts: WindowFacts) -> VersionFacts | None:
    """The version that gave most of the day's answers."""
    serving = [version for version in facts.versions if version.service.predictions]
    return max(serving, key=lambda version: version.service.predictions, default=None)


def write_figure(figure: Figure | None) -> str:
    """A figure with its interval."""
    if figure is None:
        return ""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _write_estimate(figure: Figure | None) -> str:
    """An estimate; one whose interval is everything says nothing."""
    text = write_figure(figure)
    return "not known" if text.endswith("(0.000 to 1.000)") else text
