"""What a terminal shows of data has no raw control characters."""

import io
import json

import pytest
from rich.markup import escape
from rich.table import Table

from cli.console import Console, visible

CLEAR = "\x1b[2J\x1b]0;title\x07 \r\x08\x7f\x9b31m\u202e"


@pytest.mark.parametrize("form", ["line", "markup", "cell", "json", "plain line"])
def test_control_characters_of_data_are_shown_as_text(form: str) -> None:
    written = io.StringIO()
    console = Console(file=written, width=200, soft_wrap=True)
    match form:
        case "line":
            console.print(escape(f"row 3: {CLEAR}"))
        case "plain line":
            console.print(f"row 3: {CLEAR}", markup=False, style="dim")
        case "markup":
            console.print(f"[bold]{escape(CLEAR)}[/]")
        case "cell":
            table = Table(CLEAR)
            table.add_row(CLEAR)
            console.print(table)
        case "json":
            console.print_json(json.dumps({"cell": CLEAR}))
            assert json.loads(written.getvalue()) == {"cell": CLEAR}
    shown = written.getvalue()
    assert not [letter for letter in shown if ord(letter) < 32 and letter != "\n"]
    assert not [letter for letter in shown if 0x7F <= ord(letter) <= 0x9F or letter == "\u202e"]
    assert "x1b" in shown or "u001b" in shown


def test_line_breaks_tabs_and_other_letters_stay() -> None:
    assert visible("é\n\tü €") == "é\n\tü €"
    assert visible("a\rb\x1b") == "a\\rb\\x1b"
