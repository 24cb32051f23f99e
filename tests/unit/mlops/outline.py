"""A page as a parser sees it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Self

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Outline(HTMLParser):
    """Checks that every element closes, and collects elements, headings, ids, and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.elements: set[str] = set()

    @classmethod
    def of(cls, page: bytes) -> Self:
        """The outline of a page."""
        found = cls()
        found.feed(page.decode())
        assert found.open == []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
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
