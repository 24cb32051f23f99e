"""Validates what a state's fields contain: paths, templates, expressions, choice rules, retriers and catchers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from localaws.stepfunctions.language import choices, fields, jsonata
from localaws.stepfunctions.language.diagnostics import Findings, Where
from localaws.stepfunctions.language.errors import ALL
from localaws.stepfunctions.language.intrinsics import IntrinsicError, parse_call
from localaws.stepfunctions.language.map_rules import check_map
from localaws.stepfunctions.language.numbers import LONGEST_WAIT, RANGES
from localaws.stepfunctions.language.paths import PathError, parse_path
from localaws.stepfunctions.language.resources import Resource, Unsupported, WrongResource, read_resource

_RETRIER = frozenset(
    {"BackoffRate", "Comment", "ErrorEquals", "IntervalSeconds", "JitterStrategy", "MaxAttempts", "MaxDelaySeconds"}
)
_CATCHER = {
    fields.JSONPATH: frozenset({"Assign", "Comment", "ErrorEquals", "Next", "ResultPath"}),
    fields.JSONATA: frozenset({"Assign", "Comment", "ErrorEquals", "Next", "Output"}),
}
# Of the paths, those that can be null.
_NULLABLE = frozenset({"InputPath", "OutputPath"})
_TEMPLATES = (
    "Parameters",
    "ResultSelector",
    "ItemBatcher",
    "ItemReader",
    "ItemSelector",
    "ResultWriter",
    "Assign",
)
_EXPRESSIONS = (
    "Arguments",
    "Output",
    "Assign",
    "ItemBatcher",
    "ItemReader",
    "ItemSelector",
    "Items",
    "ResultWriter",
)
# The whole numbers of retriers.
_WHOLE: Mapping[str, tuple[int, int]] = {
    "IntervalSeconds": (1, LONGEST_WAIT),
    "MaxAttempts": (0, LONGEST_WAIT),
    "MaxDelaySeconds": (1, 31_622_400),
}


@dataclass(frozen=True)
class Surroundings:
    """The type of the state machine that a state is in, its query language, and the variables assigned around it."""

    kind: str
    language: str
    variables: frozenset[str] = frozenset()

    def with_language(self, language: str) -> Surroundings:
        """The same with another query language."""
        return replace(self, language=language)

    def with_variables(self, names: Iterable[str]) -> Surroundings:
        """The same with more variables."""
        return replace(self, variables=self.variables | set(names))


class StateRules:
    """The rules of one state."""

    def __init__(self, findings: Findings, around: Surroundings) -> None:
        self._findings, self._around = findings, around

    def check(self, state: Mapping[str, Any], where: Where) -> None:
        """Check the contents of a state whose type is known."""
        if self._around.language == fields.JSONATA:
            for name in _EXPRESSIONS:
                self.expressions(state.get(name), (*where, name))
        else:
            self._paths(state, where)
        self._numbers(state, where)
        self._assign(state, where)
        check = {"Choice": self._choice, "Fail": self._fail, "Map": self._map, "Task": self._task, "Wait": self._wait}
        if state["Type"] in check:
            check[state["Type"]](state, where)
        self._handlers(state, where)

    def _assign(self, owner: Mapping[str, Any], where: Where) -> None:
        """Check the variables that a state, a choice rule or a catcher assigns."""
        if "Assign" in owner and not isinstance(owner["Assign"], Mapping):
            self._findings.wrong((*where, "Assign"), "The value must be an object")

    def _paths(self, state: Mapping[str, Any], where: Where) -> None:
        """Check the paths and templates of a JSONPath state."""
        for name in _TEMPLATES:
            self.template(state.get(name), (*where, name))
        for name in ("InputPath", "OutputPath", "ItemsPath", *fields.PATH_TWINS):
            if name in state and (state[name] is not None or name not in _NULLABLE):
                self.path(state[name], (*where, name), calls=name in ("ErrorPath", "CausePath"))
        if state.get("ResultPath") is not None:
            self.path(state["ResultPath"], (*where, "ResultPath"), reference=True)

    def path(self, text: Any, where: Where, *, reference: bool = False, calls: bool = False) -> None:
        """Check a path; with `reference` it must be a reference path into the input, with `calls` it may be a call."""
        try:
            if calls and isinstance(text, str) and text.startswith("States."):
                parse_call(text)
                return
            path = parse_path(text if isinstance(text, str) else "")
        except (PathError, IntrinsicError) as error:
            self._findings.wrong(where, f"Value is not a valid JSONPath: {error}")
            return
        if reference and (not path.is_reference or path.root):
            self._findings.wrong(where, f"Value is not a Reference Path: '{text}'")

    def template(self, template: Any, where: Where) -> None:
        """Check the paths and intrinsic functions of a payload template."""
        if isinstance(template, list):
            for index, item in enumerate(template):
                self.template(item, (*where, index))
        if not isinstance(template, Mapping):
            return
        for key, value in template.items():
            place = (*where, key)
            if not key.endswith(".$"):
                self.template(value, place)
            elif not isinstance(value, str):
                self._findings.wrong(place, f"The value for the field '{key}' must be a valid JSONPath")
            elif value.startswith("$"):
                self.path(value, place)
            else:
                try:
                    parse_call(value)
                except IntrinsicError as error:
                    message = f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function"
                    self._findings.wrong(place, f"{message} call. {error}")

    def expressions(self, value: Any, where: Where) -> None:
        """Check the JSONata expressions in a value."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.expressions(item, (*where, index))
        elif isinstance(value, Mapping):
            for key, item in value.items():
                self.expressions(item, (*where, key))
        elif jsonata.is_expression(value):
            try:
                jsonata.check(value)
            except jsonata.InvalidExpression as error:
                self._findings.wrong(where, f"Invalid JSONata expression: {error}")

    def only(self, given: Mapping[str, Any], where: Where, known: frozenset[str]) -> None:
        """Refuse fields that aren't known."""
        for name in given:
            if name not in known:
                self._findings.wrong((*where, name), f"Field '{name}' is not supported")

    def _numbers(self, state: Mapping[str, Any], where: Where) -> None:
        for name, known in RANGES.items():
            value = state.get(name)
            if value is None:
                continue
            if f"{name}Path" in state:
                self._findings.wrong((*where, name), f"The fields '{name}' and '{name}Path' exclude each other")
            if self._around.language == fields.JSONATA and jsonata.is_expression(value):
                self.expressions(value, (*where, name))
            elif not known.has(value):
                self._findings.wrong((*where, name), f"The value must be {known}")

    def _task(self, state: Mapping[str, Any], where: Where) -> None:
        if "Credentials" in state:
            self._findings.unsupported((*where, "Credentials"), "Credentials of a task: it has one account")
        resource = state.get("Resource")
        try:
            if resource is not None:
                self._call(read_resource(resource, self._around.kind), state, where)
        except Unsupported as error:
            self._findings.unsupported((*where, "Resource"), str(error))
        except WrongResource as error:
            self._findings.wrong((*where, "Resource"), str(error))
        timeout, beat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
        if timeout is not None and beat is not None and _is_less(timeout, beat):
            self._findings.wrong((*where, "HeartbeatSeconds"), "The value must be smaller than 'TimeoutSeconds'")

    def _call(self, resource: Resource, state: Mapping[str, Any], where: Where) -> None:
        """Check the names of the parameters of an API, which begin with a capital letter."""
        field = "Arguments" if self._around.language == fields.JSONATA else "Parameters"
        given = state.get(field)
        if resource.function or resource.activity or not isinstance(given, Mapping):
            return
        shape = resource.operation.input_shape
        members = {name.lower(): member for name, member in shape.members.items()} if shape else {}
        for key in given:
            name = key.removesuffix(".$")
            if not name[:1].isupper() or name.lower() not in members:
                self._findings.wrong((*where, field, key), f"The field '{name}' is not supported by Step Functions")
        known = {key.removesuffix(".$").lower() for key in given}
        for name in shape.required_members if shape else ():
            if name.lower() not in known and "idempotencyToken" not in members[name.lower()].metadata:
                message = f"The field '{name[:1].upper()}{name[1:]}' is required but was missing"
                self._findings.wrong((*where, field), message)

    def _map(self, state: Mapping[str, Any], where: Where) -> None:
        check_map(self._findings, state, where, self._around.kind, self._around.language)

    def _wait(self, state: Mapping[str, Any], where: Where) -> None:
        names = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
        if len([name for name in names if name in state]) != 1:
            self._findings.wrong(where, f"Exactly one of these fields is required: {', '.join(names)}")
        moment = state.get("Timestamp")
        if self._around.language == fields.JSONATA and jsonata.is_expression(moment):
            self.expressions(moment, (*where, "Timestamp"))
        elif moment is not None and choices.timestamp(moment) is None:
            self._findings.wrong((*where, "Timestamp"), "The value must be a timestamp in the format of RFC 3339")

    def _fail(self, state: Mapping[str, Any], where: Where) -> None:
        for name in ("Error", "Cause"):
            if name in state and f"{name}Path" in state:
                self._findings.wrong((*where, name), f"The fields '{name}' and '{name}Path' exclude each other")
            if self._around.language == fields.JSONATA:
                self.expressions(state.get(name), (*where, name))
            if name in state and not isinstance(state[name], str):
                self._findings.wrong((*where, name), "The value must be a string")

    def _choice(self, state: Mapping[str, Any], where: Where) -> None:
        rules = state.get("Choices")
        if not isinstance(rules, list) or not rules:
            self._findings.wrong((*where, "Choices"), "The value must be a non-empty array")
            return
        for index, rule in enumerate(rules):
            place = (*where, "Choices", index)
            if not isinstance(rule, Mapping):
                self._findings.wrong(place, "A choice must be an object")
                continue
            if "Next" not in rule:
                self._findings.wrong(place, "The field 'Next' is required")
            self._assign(rule, place)
            if self._around.language == fields.JSONATA:
                self.only(rule, place, frozenset({"Assign", "Comment", "Condition", "Next", "Output"}))
                if not jsonata.is_expression(rule.get("Condition")) and not isinstance(rule.get("Condition"), bool):
                    what = "The field 'Condition' must be a JSONata expression or a boolean"
                    self._findings.wrong((*place, "Condition"), what)
                for name in ("Condition", "Assign", "Output"):
                    self.expressions(rule.get(name), (*place, name))
            else:
                self.template(rule.get("Assign"), (*place, "Assign"))
                self._rule(rule, place, top=True)

    def _rule(self, rule: Any, where: Where, *, top: bool = False) -> None:
        if not isinstance(rule, Mapping):
            self._findings.wrong(where, "A choice rule must be an object")
            return
        around = {"Next", "Comment", "Assign"} if top else {"Comment"}
        combined = next((name for name in ("And", "Or", "Not") if name in rule), None)
        if combined:
            self.only(rule, where, frozenset({combined, *around}))
            self._combined(combined, rule[combined], (*where, combined))
        else:
            self._comparison(rule, where, [name for name in rule if name not in around])

    def _combined(self, name: str, rules: Any, where: Where) -> None:
        if name == "Not":
            self._rule(rules, where)
        elif not isinstance(rules, list) or not rules:
            self._findings.wrong(where, "The value must be a non-empty array")
        else:
            for index, each in enumerate(rules):
                self._rule(each, (*where, index))

    def _comparison(self, rule: Mapping[str, Any], where: Where, names: list[str]) -> None:
        operators = [name for name in names if name in choices.OPERATORS]
        for name in names:
            if name != "Variable" and name not in choices.OPERATORS:
                self._findings.wrong((*where, name), f"Field '{name}' is not supported")
        if len(operators) != 1 or "Variable" not in rule:
            self._findings.wrong(where, "A choice rule needs 'Variable' and exactly one comparison operator")
            return
        self.path(rule["Variable"], (*where, "Variable"))
        kind = choices.OPERATORS[operators[0]]
        if not choices.has_type(kind, rule[operators[0]]):
            self._findings.wrong((*where, operators[0]), f"The value must be a {kind.lower()}")
        elif kind == "Path":
            self.path(rule[operators[0]], (*where, operators[0]))

    def _handlers(self, state: Mapping[str, Any], where: Where) -> None:
        self._each(state, where, "Retry", _RETRIER, self._retrier)
        self._each(state, where, "Catch", _CATCHER[self._around.language], self._catcher)

    def _each(
        self,
        state: Mapping[str, Any],
        where: Where,
        name: str,
        known: frozenset[str],
        check: Callable[[Mapping[str, Any], Where], None],
    ) -> None:
        if name not in state:
            return
        handlers = state[name]
        if not isinstance(handlers, list):
            self._findings.wrong((*where, name), "The value must be an array")
            return
        for index, handler in enumerate(handlers):
            place = (*where, name, index)
            if not isinstance(handler, Mapping):
                self._findings.wrong(place, "The value must be an object")
                continue
            self.only(handler, place, known)
            errors = handler.get("ErrorEquals")
            if not isinstance(errors, list) or not errors or not all(isinstance(each, str) for each in errors):
                self._findings.wrong((*place, "ErrorEquals"), "The value must be a non-empty array of strings")
            elif ALL in errors and (len(errors) > 1 or index < len(handlers) - 1):
                self._findings.wrong((*place, "ErrorEquals"), f"{ALL} must be alone, and in the last item of '{name}'")
            check(handler, place)

    def _retrier(self, retrier: Mapping[str, Any], where: Where) -> None:
        for name, (least, most) in _WHOLE.items():
            value = retrier.get(name, least)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                self._findings.wrong((*where, name), f"The value must be an integer from {least} to {most}")
        rate = retrier.get("BackoffRate", 1.0)
        if not choices.is_number(rate) or rate < 1:
            self._findings.wrong((*where, "BackoffRate"), "The value must be a number of at least 1.0")
        if retrier.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
            self._findings.wrong((*where, "JitterStrategy"), "The value must be 'FULL' or 'NONE'")
        if "MaxDelaySeconds" in retrier and _is_less(retrier["MaxDelaySeconds"], retrier.get("IntervalSeconds", 0)):
            self._findings.wrong((*where, "MaxDelaySeconds"), "The value must be greater than 'IntervalSeconds'")

    def _catcher(self, catcher: Mapping[str, Any], where: Where) -> None:
        if "Next" not in catcher:
            self._findings.wrong(where, "The field 'Next' is required")
        self._assign(catcher, where)
        if self._around.language == fields.JSONATA:
            for name in ("Assign", "Output"):
                self.expressions(catcher.get(name), (*where, name))
            return
        self.template(catcher.get("Assign"), (*where, "Assign"))
        if catcher.get("ResultPath") is not None:
            self.path(catcher["ResultPath"], (*where, "ResultPath"), reference=True)


def _is_less(value: Any, least: Any) -> bool:
    """Whether a number isn't greater than another; False if one isn't a number."""
    return choices.is_number(value) and choices.is_number(least) and bool(value <= least)
