"""The features that local AWS declares as supported: one row of the conformance table each."""

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
from localaws_testing.conformance.behaviours import BEHAVIOURS

SUPPORTED = "supported"
# The sections of behaviours begin with this.
BEHAVIOUR = "Behaviour: "
# Proved by the test that checks the note of every property that's accepted without effect.
ACCEPTED = "every accepted property"
_EVENTS = ("AWS::Serverless::Function", "Events")
_WRAPPERS = ("*", "Properties")


@dataclass(frozen=True)
class Feature:
    """One row: `name` is used in a test's mark, `label` in the table; `how` is how local AWS supports it."""

    section: str
    name: str
    label: str
    how: str = SUPPORTED

    @property
    def is_accepted(self) -> bool:
        """Whether it's accepted without effect."""
        return self.how.startswith("no effect")


def features() -> list[Feature]:
    """All features, in the order of the table."""
    return [*_template(), *_behaviours(), *_event_sources(), *_resources(), *_insights()]


def _template() -> Iterator[Feature]:
    for name in sorted(SECTIONS):
        yield Feature("Sections of a template", name, name)
    for name in sorted(RESOURCE_ATTRIBUTES):
        yield Feature("Attributes of a resource", f"resource {name}", name)
    for name in sorted({*INTRINSICS, "Fn::ForEach"}):
        yield Feature("Intrinsic functions", name, name)


def _behaviours() -> Iterator[Feature]:
    for section, rows in BEHAVIOURS.items():
        for name, behaviour in rows.items():
            yield Feature(f"{BEHAVIOUR}{section}", name, behaviour)


def _resources() -> Iterator[Feature]:
    for kind, declared in sorted(registry.TYPES.items()):
        yield Feature(kind, kind, "create, update, delete")
        for path, how in sorted(leaves(declared.properties)):
            if (kind, path[0]) != _EVENTS:
                yield Feature(kind, f"{kind}.{'.'.join(path)}", ".".join(path), how)
        for attribute in declared.attributes:
            yield Feature(kind, f"!GetAtt {kind}.{attribute}", f"!GetAtt {attribute}")


def _event_sources() -> Iterator[Feature]:
    sources: Any = registry.TYPES[_EVENTS[0]].properties[_EVENTS[1]]
    for source, rule in sorted(sources["*"].items()):
        if source.startswith("$"):
            continue
        yield Feature("Event sources of functions", f"{source} event", source)
        for path, how in sorted(leaves(rule)):
            label = f"{source}.{'.'.join(path)}"
            yield Feature("Event sources of functions", f"{source} event.{'.'.join(path)}", label, how)


def _insights() -> Iterator[Feature]:
    for command in COMMANDS:
        yield Feature("Logs Insights: commands", f"insights {command}", command)
    for name in sorted(AGGREGATES):
        yield Feature("Logs Insights: functions of stats", f"insights {name}()", f"{name}()")
    for name in sorted({*FUNCTIONS, *SPECIAL_FUNCTIONS}):
        yield Feature("Logs Insights: functions", f"insights {name}()", f"{name}()")


def leaves(rule: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each property that has a rule, nested ones too, with how local AWS supports it."""
    for key, inner in rule.items():
        if key.startswith("$") and not key.startswith("$default"):
            continue
        here = path if key in _WRAPPERS else (*path, key)
        if isinstance(inner, Mapping):
            yield from leaves(inner, here)
        elif isinstance(inner, list):
            yield here, _choices(inner)
        else:
            yield here, SUPPORTED if inner is True else f"no effect: {inner}"


def _choices(rule: list[Any]) -> str:
    supported = [f"`{value}`" for value in rule if isinstance(value, str)]
    notes = [(value, note) for choice in rule if isinstance(choice, dict) for value, note in choice.items()]
    accepted = [f"`{value}` without effect: {note}" for value, note in notes]
    return "; ".join([f"only {', '.join(supported)}", *accepted] if supported else [f"only {', '.join(accepted)}"])
