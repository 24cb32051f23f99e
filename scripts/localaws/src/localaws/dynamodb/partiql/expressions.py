"""Writes the conditions and changes of statements as DynamoDB's expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localaws.dynamodb import syntax
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder
from localaws.dynamodb.values import Value

_INFIX = ("=", "<>", "<", "<=", ">", ">=", "+", "-")


class Expressions:
    """The expressions of one request, with the names and values that they use; `prefix` is of its names."""

    def __init__(self, values: Mapping[str, Value], prefix: str = "n") -> None:
        self._given, self._prefix = values, prefix
        self._names: dict[str, str] = {}
        self._values: dict[str, Value] = {}

    @property
    def parameters(self) -> dict[str, Any]:
        """ExpressionAttributeNames and ExpressionAttributeValues, if there are any."""
        names = {placeholder: name for name, placeholder in self._names.items()}
        found = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": self._values}
        return {parameter: content for parameter, content in found.items() if content}

    def condition(self, operand: Operand) -> str:
        """A condition, or an operand of it."""
        if isinstance(operand, Path):
            return self.path(operand)
        if isinstance(operand, Placeholder):
            self._values[operand.name] = self._given[operand.name]
            return operand.name
        operands = [self.condition(each) for each in operand.operands]
        if operand.name in ("AND", "OR"):
            return f" {operand.name} ".join(f"({each})" for each in operands)
        if operand.name == "NOT":
            return f"NOT ({operands[0]})"
        if operand.name == "BETWEEN":
            return f"{operands[0]} BETWEEN {operands[1]} AND {operands[2]}"
        if operand.name == "IN":
            return f"{operands[0]} IN ({', '.join(operands[1:])})"
        if operand.name in _INFIX:
            return f"{operands[0]} {operand.name} {operands[1]}"
        return f"{operand.name}({', '.join(operands)})"

    def update(self, changes: syntax.Update) -> str:
        """An update expression."""
        return " ".join(
            f"{section} {', '.join(self._change(section, *each) for each in pairs)}"
            for section, pairs in changes.sections.items()
        )

    def path(self, path: Path) -> str:
        """A document path."""
        parts = [f"[{step}]" if isinstance(step, int) else f".{self._name(step)}" for step in path.steps]
        return "".join(parts)[1:]

    def _change(self, section: str, path: Path, operand: Operand | None) -> str:
        if operand is None:
            return self.path(path)
        return f"{self.path(path)}{' = ' if section == 'SET' else ' '}{self.condition(operand)}"

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{self._prefix}{len(self._names)}")


def parts_of(where: Operand | None) -> Iterator[Operand]:
    """The conditions that must all hold."""
    if isinstance(where, Call) and where.name == "AND":
        for each in where.operands:
            yield from parts_of(each)
    elif where is not None:
        yield where


def conjunction(parts: Sequence[Operand]) -> Operand:
    """The condition that all parts hold, of which there's at least one."""
    return Call("AND", tuple(parts)) if len(parts) > 1 else parts[0]


def split_key(where: Operand | None, names: Sequence[str]) -> tuple[dict[str, Placeholder], list[Operand]]:
    """The values that a condition demands of attributes by `=`, and its other parts."""
    key: dict[str, Placeholder] = {}
    others = []
    for part in parts_of(where):
        found = _equality(part)
        if found and found[0] in names and found[0] not in key:
            key[found[0]] = found[1]
        else:
            others.append(part)
    return key, others


def whole_key(
    where: Operand | None, names: Sequence[str], values: Mapping[str, Value]
) -> tuple[dict[str, Value], list[Operand]]:
    """The key of the one item that a condition is about, and its other parts; raises InvalidRequest for others."""
    key, others = split_key(where, names)
    if set(key) != set(names):
        raise InvalidRequest("Where clause does not contain a mandatory equality on all key attributes")
    return {name: values[key[name].name] for name in names}, others


def _equality(part: Operand) -> tuple[str, Placeholder] | None:
    """The attribute and the value, if a condition demands this value of an attribute."""
    if isinstance(part, Call) and part.name == "=":
        for one, other in (part.operands, part.operands[::-1]):
            if isinstance(one, Path) and len(one.steps) == 1 and isinstance(other, Placeholder):
                return str(one.steps[0]), other
    return None
