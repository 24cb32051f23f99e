"""Parses DynamoDB's expressions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder, Update

_TOKEN = re.compile(r"\s*(?:([#:]\w+|[A-Za-z_]\w*|\d+)|(<>|<=|>=|[=<>+\-().,\[\]]))")
_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
# Function → the number of its operands, and how many of the first ones are document paths.
_PREDICATES = {
    "attribute_exists": (1, 1),
    "attribute_not_exists": (1, 1),
    "attribute_type": (2, 1),
    "begins_with": (2, 0),
    "contains": (2, 0),
}


class Parser:
    """Parses the expressions of one request, and notes which names and values they use.

    `kind` is the parameter with the expression, which errors name. Raises InvalidRequest.
    """

    def __init__(self, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._names, self._values = names, values
        self.used_names: set[str] = set()
        self.used_values: set[str] = set()
        self._kind, self._tokens, self._position = "", list[str](), 0

    def condition(self, kind: str, text: str) -> Operand:
        """A condition, filter or key condition."""
        return self._whole(kind, text, self._either)

    def projection(self, kind: str, text: str) -> list[Path]:
        """The paths of a projection, none of which is a part of another."""
        paths = self._whole(kind, text, lambda: self._list(self._path))
        self._refuse_overlaps(paths)
        return paths

    def update(self, kind: str, text: str) -> Update:
        """The actions of an update, none of which changes what another does."""
        found = self._whole(kind, text, self._sections)
        self._refuse_overlaps(found.paths)
        return found

    def _whole[T](self, kind: str, text: str, parse: Callable[[], T]) -> T:
        self._kind, self._position = kind, 0
        if not text.strip():
            self._refuse("The expression can not be empty;")
        self._tokens = self._scan(text)
        found = parse()
        if self._next:
            self._unexpected()
        return found

    def _scan(self, text: str) -> list[str]:
        tokens, position = [], 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match:
                rest = text[position:].lstrip()
                self._refuse(f'Syntax error; token: "{rest[:1]}", near: "{rest[:20]}"')
            tokens.append(match[1] or match[2])
            position = match.end()
        return tokens

    def _sections(self) -> Update:
        found = Update()
        while self._next:
            section = self._next.upper()
            if section not in _SECTIONS:
                self._unexpected()
            if section in found.sections:
                self._refuse(f'The "{section}" section can only be used once in an update expression;')
            self._take()
            found.sections[section] = self._list(getattr(self, f"_{section.lower()}"))
        return found

    def _set(self) -> tuple[Path, Operand]:
        path = self._path()
        self._expect("=")
        left = self._set_operand()
        if self._next in ("+", "-"):
            return path, Call(self._take(), (left, self._set_operand()))
        return path, left

    def _set_operand(self) -> Operand:
        name = self._next
        if self._after == "(" and name in ("if_not_exists", "list_append"):
            self._take()
            self._take()
            first = self._path() if name == "if_not_exists" else self._set_operand()
            self._expect(",")
            operands = (first, self._set_operand())
            self._expect(")")
            return Call(name, operands)
        if self._skip("("):
            inner = self._set_operand()
            if self._next in ("+", "-"):
                inner = Call(self._take(), (inner, self._set_operand()))
            self._expect(")")
            return inner
        return self._value() if name.startswith(":") else self._path()

    def _remove(self) -> tuple[Path, None]:
        return self._path(), None

    def _add(self) -> tuple[Path, Operand]:
        return self._path(), self._value()

    _delete = _add

    def _either(self) -> Operand:
        return self._junction("OR", lambda: self._junction("AND", self._negation))

    def _junction(self, word: str, part: Callable[[], Operand]) -> Operand:
        parts = [part()]
        while self._next.upper() == word:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts))

    def _negation(self) -> Operand:
        if self._next.upper() == "NOT":
            self._take()
            return Call("NOT", (self._negation(),))
        if self._skip("("):
            inner = self._either()
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Operand:
        if self._after == "(" and self._next != "size":
            return self._function()
        left = self._operand()
        word = self._next.upper()
        if word in _COMPARATORS:
            return Call(self._take(), (left, self._operand()))
        if word == "BETWEEN":
            self._take()
            low = self._operand()
            if self._next.upper() != "AND":
                self._unexpected()
            self._take()
            return Call(word, (left, low, self._operand()))
        if word != "IN":
            self._unexpected()
        self._take()
        self._expect("(")
        options = self._list(self._operand)
        self._expect(")")
        return Call(word, (left, *options))

    def _function(self) -> Call:
        name = self._take()
        if name not in _PREDICATES:
            self._refuse(f"Invalid function name; function: {name}")
        count, paths = _PREDICATES[name]
        self._expect("(")
        operands = self._list(self._operand)
        self._expect(")")
        if len(operands) != count:
            self._refuse(
                f"Incorrect number of operands for operator or function; operator or function: {name}, "
                f"number of operands: {len(operands)}"
            )
        if not all(isinstance(operand, Path) for operand in operands[:paths]):
            self._refuse(f"Operator or function requires a document path; operator or function: {name}")
        return Call(name, tuple(operands))

    def _operand(self) -> Operand:
        if self._next == "size" and self._after == "(":
            self._take()
            self._take()
            inner = self._operand()
            self._expect(")")
            return Call("size", (inner,))
        if self._skip("("):
            inner = self._operand()
            self._expect(")")
            return inner
        return self._value() if self._next.startswith(":") else self._path()

    def _value(self) -> Placeholder:
        name = self._next
        if not name.startswith(":"):
            self._unexpected()
        if name not in self._values:
            self._refuse(
                "An expression attribute value used in expression is not defined; attribute value: " + self._take()
            )
        self.used_values.add(name)
        return Placeholder(self._take())

    def _path(self) -> Path:
        steps: list[str | int] = [self._name()]
        while self._next in (".", "["):
            if self._take() == ".":
                steps.append(self._name())
            else:
                if not self._next.isdigit():
                    self._unexpected()
                steps.append(int(self._take()))
                self._expect("]")
        return Path(tuple(steps))

    def _name(self) -> str:
        name = self._next
        if name.startswith("#"):
            if name not in self._names:
                self._refuse(
                    f"An expression attribute name used in the document path is not defined; attribute name: {name}"
                )
            self.used_names.add(self._take())
            return self._names[name]
        if not name[:1].isalpha() and not name.startswith("_"):
            self._unexpected()
        if name.upper() in ReservedKeywords.get_reserved_keywords():
            self._refuse(f"Attribute name is a reserved keyword; reserved keyword: {name}")
        return self._take()

    def _list[T](self, part: Callable[[], T]) -> list[T]:
        parts = [part()]
        while self._skip(","):
            parts.append(part())
        return parts

    @property
    def _next(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    @property
    def _after(self) -> str:
        return self._tokens[self._position + 1] if self._position + 1 < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next
        self._position += 1
        return token

    def _skip(self, token: str) -> bool:
        if self._next != token:
            return False
        self._position += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._skip(token):
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        near = " ".join(self._tokens[max(0, self._position - 1) : self._position + 2])
        self._refuse(f'Syntax error; token: "{self._next or "<EOF>"}", near: "{near}"')

    def _refuse_overlaps(self, paths: list[Path]) -> None:
        for number, path in enumerate(paths):
            for other in paths[number + 1 :]:
                if path.overlaps(other):
                    one, two = (f"[{', '.join(map(str, each.steps))}]" for each in (path, other))
                    self._refuse(
                        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                        f"path one: {one}, path two: {two}"
                    )

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidRequest(f"Invalid {self._kind}: {reason}")
