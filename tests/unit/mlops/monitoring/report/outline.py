"""A report's page as a parser sees it."""

from mlops.monitoring.report import Report, render_report
from tests.unit.mlops.outline import Outline


class ReportOutline(Outline):
    """Collects handlers of events, words, and drawings too, which have a role."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[str] = []
        self.drawings = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        if tag == "svg" and given.get("aria-hidden") != "true":
            assert given["role"] == "img"
            self.drawings += 1
        self.handlers += [name for name in given if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, the drawings' included, on one line."""
        return " ".join(" ".join(self.words).split())


def outline(report: Report) -> ReportOutline:
    """The outline of a report's page."""
    return read(render_report(report))


def read(page: bytes) -> ReportOutline:
    """The outline of a page."""
    return ReportOutline.of(page)
