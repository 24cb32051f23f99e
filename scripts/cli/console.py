"""The consoles of the command line: what they show has no control characters but line breaks and tabs."""

import re
from typing import Any

import rich.console
from rich.console import RenderableType
from rich.text import Text

_LONGEST = 10_000  # characters of a line

# ESC, carriage returns, backspaces and their like would move the cursor, colour or hide what follows.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """The text with each control character as Python writes it: \\x1b."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Console(rich.console.Console):
    """A console that shows control characters of data as text, in lines, tables and JSON alike."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Text and cells of tables all come by here."""
        return super().render_str(visible(text), **options)

    def print_whole(self, renderable: RenderableType) -> None:
        """Print lines as long as they are: a terminal breaks them, and they're copied from it whole."""
        before = self._width
        self.width = _LONGEST
        try:
            self.print(renderable)
        finally:
            self._width = before

    def print_json(self, json: str | None = None, **options: Any) -> None:
        """JSON has its own way to write control characters, and above ASCII only that one."""
        super().print_json(json, ensure_ascii=bool(json and re.search(r"\\u00[7-9]|[\x7f-\x9f]", json)), **options)
