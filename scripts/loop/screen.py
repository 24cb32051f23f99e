"""What the person at the terminal sees: one line a step with its duration, and a summary."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

HEARTBEAT_SECONDS = 15.0


class Screen:
    """Prints each step when it ends, and shows on the way that it goes on.

    On a terminal a spinner shows the step, its latest note and the seconds so far; elsewhere, such as in a CI log, a
    line is printed every `heartbeat` seconds.
    """

    def __init__(self, console: Console, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self._console = console
        self._heartbeat = heartbeat
        self._began = time.monotonic()
        self._note = ""

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step of the flow; what it raises leaves the step unprinted."""
        began = time.monotonic()
        self._note = ""
        if self._console.is_terminal:
            with self._console.status(_Running(self, title, began)):
                yield
        else:
            with self._heartbeats(title, began):
                yield
        self._console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - began:.1f} s[/]")

    def note(self, text: str) -> None:
        """A detail within a step."""
        self._note = text
        self._console.print(f"  [dim]{text}[/]")

    def line(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text)

    def table(self, title: str, rows: Mapping[str, str]) -> None:
        """A titled list of names and values; whole lines, to be clicked and copied."""
        self._console.print(f"\n[bold]{title}[/]")
        width = max(map(len, rows))
        for name, value in rows.items():
            self._console.print(Text.assemble((f"{name:<{width}}  ", "dim"), value), soft_wrap=True)

    def commands(self, title: str, commands: Mapping[str, str]) -> None:
        """A titled list of shell commands, each with its purpose; whole lines, to be copied."""
        self._console.print(f"\n[bold]{title}[/]")
        width = max(map(len, commands))
        for command, purpose in commands.items():
            self._console.print(f"{command:<{width}}  [dim]# {purpose}[/]", soft_wrap=True)

    def progress(self, title: str, began: float) -> str:
        """The step, its latest note, and the seconds since it began."""
        latest = f" ({self._note})" if self._note else ""
        return f"{title}{latest} … {time.monotonic() - began:.0f} s"

    @contextmanager
    def _heartbeats(self, title: str, began: float) -> Iterator[None]:
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(self._heartbeat):
                self._console.print(Text(f"  {self.progress(title, began)}", style="dim"))

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


class _Running:
    """The text next to the spinner, computed at each refresh."""

    def __init__(self, screen: Screen, title: str, began: float) -> None:
        self._screen, self._title, self._began = screen, title, began

    def __rich__(self) -> Text:
        return Text(self._screen.progress(self._title, self._began), no_wrap=True, overflow="ellipsis")
