"""Projections of items: moto loses all but one of several elements of a list, and placeholders before a position.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from localaws.dynamodb.parser import Parser
from localaws.dynamodb.values import Value

Steps = Sequence[str | int]


def parsed(projection: Any) -> list[list[str | int]]:
    """Replaces ProjectionExpressionParser.parse: the steps of each path."""
    if not projection.projection_expression:
        return []
    parser = Parser(projection.expression_attribute_names, {})
    paths = parser.projection("ProjectionExpression", projection.projection_expression)
    projection.expr_attr_names_found = list(parser.used_names)
    return [list(path.steps) for path in paths]


def project(attributes: Mapping[str, Value], paths: Iterable[Steps]) -> dict[str, Any]:
    """The parts of an item to which paths lead; elements of a list keep their order, without those between them."""
    wanted = _tree(paths)
    found = {name: _part(attributes[name], wanted[name]) for name in attributes if name in wanted}
    return {name: part for name, part in found.items() if part is not None}


def projected_item(item: Any, paths: Iterable[Steps]) -> Any:
    """Replaces Item.project."""
    attributes = {name: plain_value(value) for name, value in item.attrs.items()}
    return Item(hash_key=item.hash_key, range_key=item.range_key, attrs=project(attributes, paths))


def projected_transaction(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap DynamoHandler.transact_get_items, which returns whole items."""

    def transact_get_items(handler: Any) -> Any:
        answer = original(handler).result
        for asked, found in zip(handler.body["TransactItems"], answer["Responses"], strict=True):
            expression = asked["Get"].get("ProjectionExpression")
            if expression and found:
                parser = Parser(asked["Get"].get("ExpressionAttributeNames") or {}, {})
                paths = parser.projection("ProjectionExpression", expression)
                found["Item"] = project(found["Item"], [path.steps for path in paths])
        return ActionResult(answer)

    return transact_get_items


def _tree(paths: Iterable[Steps]) -> dict[str | int, Any]:
    """Step → the steps that follow it; none for the end of a path."""
    tree: dict[str | int, Any] = {}
    for path in paths:
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
    return tree


def _part(value: Value, wanted: Mapping[str | int, Any]) -> Value | None:
    if not wanted:
        return value
    if "M" in value:
        parts = {name: _part(value["M"][name], wanted[name]) for name in value["M"] if name in wanted}
        kept = {name: part for name, part in parts.items() if part is not None}
        return {"M": kept} if kept else None
    if "L" in value:
        elements = [_part(each, wanted[place]) for place, each in enumerate(value["L"]) if place in wanted]
        found = [each for each in elements if each is not None]
        return {"L": found} if found else None
    return None


def plain_value(value: Any) -> Any:
    """A value of moto's as type → content, however deep."""
    if isinstance(value, DynamoType):
        return {value.type: plain_value(value.value)}
    if isinstance(value, Mapping):
        return {name: plain_value(each) for name, each in value.items()}
    return [plain_value(each) for each in value] if isinstance(value, list) else value
