"""What the person at the terminal sees: one line a step, with its time, and a summary."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Screen:
    """Writes steps as they end, each with the seconds it took, and keeps the seconds since it was made."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step of the story: a spinner while it runs, a line when it's done."""
        began = time.monotonic()
        with self._console.status(f"{title} …"):
            yield
        self._console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - began:.1f} s[/]")

    def note(self, text: str) -> None:
        """A detail within a step."""
        self._console.print(f"  [dim]{text}[/]")

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text)

    def table(self, title: str, rows: Mapping[str, str]) -> None:
        """A titled list of names and values."""
        table = Table(
            box=None, show_header=False, title=title, title_justify="left", title_style="bold", pad_edge=False
        )
        table.add_column(style="dim")
        table.add_column(overflow="fold")
        for name, value in rows.items():
            table.add_row(name, value)
        self._console.print()
        self._console.print(table)

    def commands(self, title: str, commands: Mapping[str, str]) -> None:
        """A titled list of shell commands, each with what it's for; whole lines, to be copied."""
        self._console.print(f"\n[bold]{title}[/]")
        width = max(map(len, commands))
        for command, purpose in commands.items():
            self._console.print(f"{command:<{width}}  [dim]# {purpose}[/]", soft_wrap=True)
