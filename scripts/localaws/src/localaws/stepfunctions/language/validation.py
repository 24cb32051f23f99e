"""Validates definitions of state machines: fields, transitions, and what their states contain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.diagnostics import DUPLICATE, INVALID_JSON, TARGET, Diagnostic, Findings, Where
from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.language.numbers import RANGES
from localaws.stepfunctions.language.state_rules import StateRules, Surroundings

_LONGEST_NAME = 80
_VARIABLE = re.compile(r"[^\W\d]\w{0,79}")


def validate(text: str, kind: str = "STANDARD") -> list[Diagnostic]:
    """What's wrong with the definition of a state machine of a type (STANDARD or EXPRESS)."""
    try:
        return validate_value(parse_json(text), kind)
    except ValueError as error:
        return [Diagnostic(INVALID_JSON, f"{error}")]
    except RecursionError:
        return [Diagnostic(INVALID_JSON, "the definition is nested too deeply")]


def validate_value(definition: Any, kind: str = "STANDARD") -> list[Diagnostic]:
    """What's wrong with a definition that was parsed."""
    findings = Findings()
    if not isinstance(definition, Mapping):
        findings.wrong((), "A state machine must be an object")
        return findings.found
    _Validator(findings, kind).machine(definition)
    return findings.found


def validate_state(state: Any, kind: str = "STANDARD") -> list[Diagnostic]:
    """What's wrong with a state by itself, whose transitions may lead anywhere."""
    findings = Findings()
    if not isinstance(state, Mapping):
        findings.wrong((), "A state must be an object")
        return findings.found
    targets = {target: None for _, target in transitions(state) if isinstance(target, str)}
    _Validator(findings, kind).state("", state, (), targets, Surroundings(kind, fields.JSONPATH))
    return findings.found


def refusal(diagnostics: list[Diagnostic]) -> str:
    """The message of InvalidDefinition."""
    return f"Invalid State Machine Definition: '{', '.join(map(str, diagnostics))}'"


class _Validator:
    def __init__(self, findings: Findings, kind: str) -> None:
        self._findings, self._kind = findings, kind
        self._names: dict[str, Where] = {}

    def machine(self, definition: Mapping[str, Any]) -> None:
        if definition.get("Version", "1.0") != "1.0":
            self._findings.wrong(("Version",), "The value must be '1.0'")
        seconds = definition.get("TimeoutSeconds")
        if seconds is not None and not RANGES["TimeoutSeconds"].has(seconds):
            self._findings.wrong(("TimeoutSeconds",), f"The value must be {RANGES['TimeoutSeconds']}")
        self._flow(definition, (), fields.MACHINE, Surroundings(self._kind, fields.JSONPATH))

    def _flow(self, flow: Mapping[str, Any], where: Where, known: frozenset[str], around: Surroundings) -> None:
        """Check a state machine, or a part of one with states of its own."""
        self._only(flow, where, known)
        language = flow.get("QueryLanguage", around.language)
        if language not in fields.LANGUAGES:
            self._findings.wrong((*where, "QueryLanguage"), "The value must be 'JSONPath' or 'JSONata'")
            return
        if around.language == fields.JSONATA and language == fields.JSONPATH:
            self._findings.wrong((*where, "QueryLanguage"), "The query language of the parent is JSONata")
            return
        states = flow.get("States")
        if not isinstance(states, Mapping) or not states:
            self._findings.wrong(where, "The field 'States' must be an object with at least one state")
            return
        self._states(flow.get("StartAt"), states, where, around.with_language(language))

    def _states(self, start: Any, states: Mapping[str, Any], where: Where, around: Surroundings) -> None:
        if not isinstance(start, str):
            self._findings.wrong(where, "The field 'StartAt' is required")
        elif start not in states:
            self._findings.wrong((*where, "StartAt"), f"Missing 'StartAt' target: {start}", TARGET)
        assigned: set[str] = set()
        for name, state in states.items():
            for place, variable in assignments(state):
                assigned.add(variable)
                if not _VARIABLE.fullmatch(variable) or variable == "states":
                    self._findings.wrong(
                        (*where, "States", name, *place),
                        f"'{variable}' isn't the name of a variable: letters, digits and underscores, 80 at most, "
                        "no digit first, and not 'states'",
                    )
                if variable in around.variables:
                    message = f"The variable '{variable}' is assigned outside of this Parallel or Map state too"
                    self._findings.wrong((*where, "States", name, *place), message)
        for name, state in states.items():
            self.state(name, state, (*where, "States", name), states, around.with_variables(assigned))
        if isinstance(start, str) and start in states:
            self._reachable(start, states, where)

    def _only(self, given: Mapping[str, Any], where: Where, known: frozenset[str]) -> None:
        for name in given:
            if name not in known:
                self._findings.wrong((*where, name), f"Field '{name}' is not supported")

    def state(self, name: str, state: Any, where: Where, siblings: Mapping[str, Any], around: Surroundings) -> None:
        """Check a state, whose transitions must lead to one of its siblings."""
        if name in self._names:
            self._findings.wrong(where, f"Duplicate State name: {name}", DUPLICATE)
        self._names[name] = where
        if len(name) > _LONGEST_NAME:
            self._findings.wrong(where, "The name of a state can have 80 characters at most")
        if not isinstance(state, Mapping):
            self._findings.wrong(where, "A state must be an object")
            return
        language = state.get("QueryLanguage", around.language)
        if language not in fields.LANGUAGES or (around.language, language) == (fields.JSONATA, fields.JSONPATH):
            self._findings.wrong((*where, "QueryLanguage"), f"The query language {language} can't be used here")
            return
        kind = str(state.get("Type"))
        if kind not in fields.FIELDS:
            self._findings.wrong((*where, "Type"), f"The value must be one of {', '.join(fields.FIELDS)}")
            return
        self._fields(state, where, kind, language)
        for place, target in transitions(state):
            if not isinstance(target, str) or target not in siblings:
                self._findings.wrong((*where, *place), f"Missing 'Next' target: {target}", TARGET)
        inner = around.with_language(language)
        StateRules(self._findings, inner).check(state, where)
        self._nested(state, where, kind, inner)

    def _fields(self, state: Mapping[str, Any], where: Where, kind: str, language: str) -> None:
        known = fields.FIELDS[kind][language]
        for name in state:
            if name not in known:
                other = any(name in each for each in fields.FIELDS[kind].values())
                reason = f" with the query language {language}" if other else f" by {kind} states"
                self._findings.wrong((*where, name), f"Field '{name}' is not supported{reason}")
        for name in fields.REQUIRED.get(kind, ()):
            if name not in state:
                self._findings.wrong(where, f"The field '{name}' is required")
        if kind in fields.FLOWING:
            if ("Next" in state) == ("End" in state):
                self._findings.wrong(where, "These fields are required, exactly one of them: 'End', 'Next'")
            elif "End" in state and state["End"] is not True:
                self._findings.wrong((*where, "End"), "The value must be true")

    def _nested(self, state: Mapping[str, Any], where: Where, kind: str, around: Surroundings) -> None:
        if kind == "Parallel":
            branches = state.get("Branches")
            if not isinstance(branches, list) or not branches:
                self._findings.wrong((*where, "Branches"), "The value must be a non-empty array")
                return
            for index, branch in enumerate(branches):
                self._branch(branch, (*where, "Branches", index), fields.BRANCH, around)
        elif kind == "Map":
            given = [name for name in ("ItemProcessor", "Iterator") if name in state]
            if len(given) != 1:
                self._findings.wrong(where, "The field 'ItemProcessor' is required")
                return
            processor = state[given[0]]
            config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
            mode = config.get("Mode", "INLINE") if isinstance(config, Mapping) else "INLINE"
            inner = around
            if mode == "DISTRIBUTED" and isinstance(config, Mapping):
                inner = Surroundings(str(config.get("ExecutionType", "STANDARD")), around.language)
            allowed = fields.PROCESSOR if given == ["ItemProcessor"] else fields.BRANCH
            self._branch(processor, (*where, given[0]), allowed, inner)

    def _branch(self, branch: Any, where: Where, known: frozenset[str], around: Surroundings) -> None:
        if isinstance(branch, Mapping):
            self._flow(branch, where, known, around)
        else:
            self._findings.wrong(where, "A state machine must be an object")

    def _reachable(self, start: str, states: Mapping[str, Any], where: Where) -> None:
        reached, waiting = {start}, [start]
        while waiting:
            state = states[waiting.pop()]
            for _, target in transitions(state) if isinstance(state, Mapping) else ():
                if isinstance(target, str) and target in states and target not in reached:
                    reached.add(target)
                    waiting.append(target)
        for name in states:
            if name not in reached:
                self._findings.wrong((*where, "States", name), f'State "{name}" is not reachable.', TARGET)
        if not any(_ends(states[name]) for name in reached):
            self._findings.wrong((*where, "States"), "No state ends the state machine")


def transitions(state: Mapping[str, Any]) -> Iterator[tuple[Where, Any]]:
    """Each transition of a state: the place of its target within the state, and the target."""
    for name in ("Next", "Default"):
        if name in state:
            yield (name,), state[name]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping) and "Next" in rule:
                yield (field, index, "Next"), rule["Next"]


def assignments(state: Any) -> Iterator[tuple[Where, str]]:
    """Each variable that a state assigns, in choice rules and catchers too, with its place within the state."""
    if not isinstance(state, Mapping):
        return
    owners: list[tuple[Where, Any]] = [((), state)]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        owners += [((field, index), rule) for index, rule in enumerate(rules if isinstance(rules, list) else ())]
    for place, owner in owners:
        assigned = owner.get("Assign") if isinstance(owner, Mapping) else None
        for name in assigned if isinstance(assigned, Mapping) else ():
            yield (*place, "Assign", name), name.removesuffix(".$")


def _ends(state: Any) -> bool:
    return isinstance(state, Mapping) and ("End" in state or state.get("Type") in ("Succeed", "Fail"))
