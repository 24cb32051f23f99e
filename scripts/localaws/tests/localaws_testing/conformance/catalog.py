"""Everything that local AWS says it supports, by name: what the conformance table has a row for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.logs.insights.aggregates import AGGREGATES
from localaws.logs.insights.evaluation import SPECIAL_FUNCTIONS
from localaws.logs.insights.functions import FUNCTIONS
from localaws.logs.insights.parser import COMMANDS
from localaws.resource_types import registry
from localaws.template.intrinsics import INTRINSICS
from localaws.validation.check import RESOURCE_ATTRIBUTES, SECTIONS

DONE = "done"
# What a test proves that shows the remark of every property that is accepted without being done.
ACCEPTED = "every accepted property"
_EVENTS = ("AWS::Serverless::Function", "Events")
_WRAPPERS = ("*", "Properties")


@dataclass(frozen=True)
class Thing:
    """One row: `name` is what a test proves, `label` how its section shows it, `how` what local AWS does with it."""

    section: str
    name: str
    label: str
    how: str = DONE

    @property
    def is_accepted(self) -> bool:
        """Whether local AWS takes it without doing anything."""
        return self.how.startswith("accepted")


def things() -> list[Thing]:
    """All that is supported, in the order of the table."""
    return [*_template(), *_event_sources(), *_resources(), *_insights()]


def _template() -> Iterator[Thing]:
    for name in sorted(SECTIONS):
        yield Thing("Sections of a template", name, name)
    for name in sorted(RESOURCE_ATTRIBUTES):
        yield Thing("Attributes of a resource", f"resource {name}", name)
    for name in sorted({*INTRINSICS, "Fn::ForEach"}):
        yield Thing("Intrinsic functions", name, name)


def _resources() -> Iterator[Thing]:
    for kind, declared in sorted(registry.TYPES.items()):
        yield Thing(kind, kind, "create, update, delete")
        for path, how in sorted(leaves(declared.properties)):
            if (kind, path[0]) != _EVENTS:
                yield Thing(kind, f"{kind}.{'.'.join(path)}", ".".join(path), how)
        for attribute in declared.attributes:
            yield Thing(kind, f"!GetAtt {kind}.{attribute}", f"!GetAtt {attribute}")


def _event_sources() -> Iterator[Thing]:
    sources: Any = registry.TYPES[_EVENTS[0]].properties[_EVENTS[1]]
    for source, rule in sorted(sources["*"].items()):
        if source.startswith("$"):
            continue
        yield Thing("Event sources of functions", f"{source} event", source)
        for path, how in sorted(leaves(rule)):
            label = f"{source}.{'.'.join(path)}"
            yield Thing("Event sources of functions", f"{source} event.{'.'.join(path)}", label, how)


def _insights() -> Iterator[Thing]:
    for command in COMMANDS:
        yield Thing("Logs Insights: commands", f"insights {command}", command)
    for name in sorted(AGGREGATES):
        yield Thing("Logs Insights: functions of stats", f"insights {name}()", f"{name}()")
    for name in sorted({*FUNCTIONS, *SPECIAL_FUNCTIONS}):
        yield Thing("Logs Insights: functions", f"insights {name}()", f"{name}()")


def leaves(rule: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each property that a table of properties has a rule for, to the bottom, with what local AWS does with it."""
    for key, inner in rule.items():
        if key.startswith("$") and not key.startswith("$default"):
            continue
        here = path if key in _WRAPPERS else (*path, key)
        if isinstance(inner, Mapping):
            yield from leaves(inner, here)
        elif isinstance(inner, list):
            yield here, _choices(inner)
        else:
            yield here, DONE if inner is True else f"accepted: {inner}"


def _choices(rule: list[Any]) -> str:
    done = [f"`{value}`" for value in rule if isinstance(value, str)]
    remarks = [(value, said) for choice in rule if isinstance(choice, dict) for value, said in choice.items()]
    accepted = [f"`{value}` accepted: {said}" for value, said in remarks]
    return "; ".join([f"only {', '.join(done)}", *accepted])
