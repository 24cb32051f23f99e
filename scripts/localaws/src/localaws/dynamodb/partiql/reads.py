"""SELECT as requests of the API: queries, if the condition demands partitions, and otherwise a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from localaws.dynamodb.conditions import paths_of
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.expressions import check_expressions, check_projected
from localaws.dynamodb.keys import index_keys
from localaws.dynamodb.partiql.expressions import Expressions, conjunction, parts_of, split_key
from localaws.dynamodb.partiql.statements import Select, label
from localaws.dynamodb.projections import project
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder
from localaws.dynamodb.values import Value, type_of

_RANGES = ("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with")


@dataclass(frozen=True)
class Search:
    """The searches that find the items of a SELECT, one after the other. `action` is Query or Scan."""

    action: str
    requests: Sequence[Mapping[str, Any]]


def search(table: Any, select: Select) -> Search:
    """How to find the items of a SELECT; raises InvalidRequest for what DynamoDB or local AWS refuses."""
    keys = index_keys(table, select.index)
    partitions, others = _partitions(select, keys["HASH"])
    _check_order(select, keys, partitions)
    ranges = [part for part in others if partitions and _is_range(part, keys["RANGE"])][:1]
    others = [part for part in others if part not in ranges]
    _check_attributes(table, select, others)
    source = {"TableName": select.table, **({"IndexName": select.index} if select.index else {})}
    filtering = Expressions(select.values, "f")
    filters = {"FilterExpression": filtering.condition(conjunction(others))} if others else {}
    # Keys and filter are checked apart: unlike that of a query, this filter may be about keys.
    check_expressions(table, {**source, **filters, **filtering.parameters})
    if not partitions:
        return Search("Scan", [{**source, **filters, **filtering.parameters}])
    forward = not any(select.order.get(name) for name in keys["RANGE"])
    requests = []
    for partition in partitions:
        finding = Expressions(select.values, "k")
        demanded = [Call("=", (Path((name,)), placeholder)) for name, placeholder in partition.items()]
        condition = {"KeyConditionExpression": " AND ".join(map(finding.condition, (*demanded, *ranges)))}
        check_expressions(table, {**source, **condition, **finding.parameters})
        parameters = {
            name: {**finding.parameters.get(name, {}), **filtering.parameters.get(name, {})}
            for name in {**finding.parameters, **filtering.parameters}
        }
        requests.append({**source, **condition, **filters, **parameters, "ScanIndexForward": forward})
    return Search("Query", requests)


def selected(select: Select, item: Mapping[str, Value]) -> dict[str, Value]:
    """What a SELECT returns of an item: the ends of its paths, each by its label."""
    if not select.paths:
        return dict(item)
    found = {}
    for path in select.paths:
        part = project(item, [path.steps])
        if part:
            found[label(path)] = _end(part, path)
    return found


def _end(part: Mapping[str, Value], path: Path) -> Value:
    """The one value of a projection to a path."""
    value: Value = {"M": part}
    for step in path.steps:
        # A projection has no elements besides the one that's asked for.
        value = value["M"][step] if isinstance(step, str) else value["L"][0]
    return value


def _partitions(select: Select, names: Sequence[str]) -> tuple[list[dict[str, Placeholder]], list[Operand]]:
    """The partitions that the condition demands by `=` or IN, in their order; none if it demands no such.

    And the other parts of the condition.
    """
    key, others = split_key(select.where, names)
    if set(key) == set(names):
        return [key], others
    for part in parts_of(select.where):
        if isinstance(part, Call) and part.name == "IN" and part.operands[0] == Path((names[0],)) and len(names) == 1:
            options = [each for each in part.operands[1:] if isinstance(each, Placeholder)]
            if len(options) == len(part.operands) - 1:
                found = _ordered(options, select, names[0])
                return [{names[0]: each} for each in found], [each for each in others if each is not part]
    return [], list(parts_of(select.where))


def _ordered(options: Sequence[Placeholder], select: Select, name: str) -> list[Placeholder]:
    """The different values of a key among options, in the order that a SELECT asks for."""
    different: dict[Any, Placeholder] = {}
    for option in options:
        value = select.values[option.name]
        kind = type_of(value)
        content = Decimal(value[kind]) if kind == "N" else value[kind]
        different.setdefault((kind, content.encode() if isinstance(content, str) else content), option)
    if name not in select.order:
        return list(different.values())
    return [different[key] for key in sorted(different, reverse=select.order[name])]


def _is_range(part: Operand, names: Sequence[str]) -> bool:
    """Whether a part of a condition can find a range of a sort key."""
    return (
        isinstance(part, Call)
        and part.name in _RANGES
        and part.operands[0] in [Path((name,)) for name in names[:1]]
        and all(isinstance(each, Placeholder) for each in part.operands[1:])
    )


def _check_order(select: Select, keys: Mapping[str, Sequence[str]], partitions: Sequence[object]) -> None:
    if not select.order:
        return
    if select.where is None:
        raise InvalidRequest("Must have WHERE clause in the statement when using ORDER BY clause.")
    for name in select.order:
        if name not in (*keys["HASH"], *keys["RANGE"]):
            raise InvalidRequest(f"Variable reference {name} in ORDER BY clause must be part of the primary key")
    if not partitions:
        if isinstance(select.where, Call) and select.where.name == "OR":
            raise InvalidRequest("Local AWS doesn't support ORDER BY with partition keys that OR joins")
        raise InvalidRequest(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        )
    if len(partitions) > 1 and keys["HASH"][0] not in select.order:
        raise InvalidRequest(
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
        )


def _check_attributes(table: Any, select: Select, filters: Sequence[Operand]) -> None:
    """Raise InvalidRequest if an index lacks attributes that a SELECT names."""
    if select.index is not None:
        paths = [*select.paths, *(path for part in filters for path in paths_of(part))]
        if paths:
            check_projected(table, select.index, [str(path.steps[0]) for path in paths])
