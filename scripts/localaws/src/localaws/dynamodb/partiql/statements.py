"""The statements, once they're parsed. Literals and parameters are placeholders, whose values each statement has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localaws.dynamodb import syntax
from localaws.dynamodb.syntax import Operand, Path
from localaws.dynamodb.values import Value


def label(path: Path) -> str:
    """The name of what a SELECT finds by a path: its last one, e.g. `c` of `a.b.c`, and `c[0]` of `a.b.c[0]`."""
    last = max(place for place, step in enumerate(path.steps) if isinstance(step, str))
    return str(path.steps[last]) + "".join(f"[{step}]" for step in path.steps[last + 1 :])


@dataclass(frozen=True)
class Select:
    """Reads items of a table or an index; `paths` is empty for `*`."""

    table: str
    index: str | None
    paths: tuple[Path, ...]
    where: Operand | None
    # Attribute → whether its order is descending.
    order: Mapping[str, bool]
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Exists:
    """A condition of a transaction: an item is there that `select` finds."""

    select: Select

    @property
    def table(self) -> str:
        """The table with the item."""
        return self.select.table


@dataclass(frozen=True)
class Insert:
    """Puts an item whose key isn't in the table."""

    table: str
    item: Mapping[str, Value]


@dataclass(frozen=True)
class Returning:
    """What an UPDATE or DELETE returns: all or only modified attributes, before or after it."""

    extent: str
    moment: str

    def __str__(self) -> str:
        return f"{self.extent} {self.moment} *"


@dataclass(frozen=True)
class Update:
    """Changes an item that's in the table."""

    table: str
    changes: syntax.Update
    where: Operand | None
    returning: Returning | None
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Delete:
    """Deletes an item, if it's in the table."""

    table: str
    where: Operand | None
    returning: Returning | None
    values: Mapping[str, Value]


Statement = Select | Exists | Insert | Update | Delete
