"""A report's page as a parser sees it."""

from html.parser import HTMLParser

from mlops.monitoring.report import Report, render_report

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Outline(HTMLParser):
    """Checks that every element closes, and collects elements, headings, ids, addresses and drawings without words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.elements: set[str] = set()
        self.drawings = 0
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "svg" and given.get("aria-hidden") != "true":
            assert given["role"] == "img"
            self.drawings += 1
        if tag == "title":
            self._hidden += "svg" in self.open
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#"):
                self.loaded.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data.strip())
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, the drawings' included, on one line."""
        return " ".join(" ".join(self.words).split())


def outline(report: Report) -> Outline:
    """The outline of a report's page."""
    return read(render_report(report))


def read(page: bytes) -> Outline:
    """The outline of a page."""
    found = Outline()
    found.feed(page.decode())
    assert found.open == []
    return found
