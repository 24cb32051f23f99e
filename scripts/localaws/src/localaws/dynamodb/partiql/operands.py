"""Parses the operands of statements: literals, parameters and paths.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.cursor import Cursor
from localaws.dynamodb.partiql.errors import malformed
from localaws.dynamodb.partiql.scanner import Token
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder
from localaws.dynamodb.values import Value, canonical_number, check_number, check_value, type_of

_WORDS: Mapping[str, Value] = {"TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True}}


class Operands(Cursor):
    """Parses operands; `_values` gets the literals and parameters of conditions and changes."""

    def __init__(self, statement: str, parameters: Sequence[Value]) -> None:
        super().__init__(statement)
        self._parameters, self._used = parameters, 0
        self._values: dict[str, Value] = {}

    def _operand(self) -> Operand:
        token = self._next
        if token.text.lower() == "size" and self._word_after == "(":
            self._position += 2
            inner = self._path()
            self._expect(")")
            return Call("size", (inner,))
        if token.kind == "quoted" or self._is_name(token):
            return self._path()
        return self._placeholder(self._value())

    def _placeholder(self, value: Value) -> Placeholder:
        name = f":v{len(self._values)}"
        self._values[name] = value
        return Placeholder(name)

    def _value(self) -> Value:
        """A literal or a parameter."""
        token = self._next
        scalar = self._scalar(token)
        if scalar is not None:
            self._position += 1
            return scalar
        kinds: Mapping[str, Callable[[], Value]] = {
            "-": lambda: _number(f"-{self._digits()}"),
            "?": self._parameter,
            "[": lambda: {"L": self._elements("]", self._value)},
            "<<": lambda: _set(self._elements(">>", self._value)),
            "{": self._map,
        }
        if token.word == "MISSING":
            raise InvalidRequest("MISSING must be compared using IS operator")
        if token.word not in kinds:
            self._unexpected()
        self._position += 1
        return kinds[token.word]()

    @staticmethod
    def _scalar(token: Token) -> Value | None:
        if token.kind == "string":
            return {"S": token.text}
        if token.kind == "number":
            return _number(token.text)
        return _WORDS.get(token.word)

    def _digits(self) -> str:
        if self._next.kind != "number":
            self._unexpected()
        return self._take().text

    def _parameter(self) -> Value:
        self._used += 1
        if self._used > len(self._parameters):
            raise InvalidRequest("Number of parameters in request and statement don't match.")
        return self._parameters[self._used - 1]

    def _map(self) -> Value:
        pairs = self._elements("}", self._entry)
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise InvalidRequest(f"Duplicate keys in tuple. Key: {name} under root")
        return {"M": dict(pairs)}

    def _entry(self) -> tuple[str, Value]:
        token = self._take()
        if token.kind != "string":
            raise InvalidRequest(f"Tuple keys must be of type String. Actual value: {token.text}")
        self._expect(":")
        return token.text, self._value()

    def _path(self) -> Path:
        steps: list[str | int] = [self._identifier()]
        while self._next.word in (".", "["):
            if self._skip("."):
                if self._next.kind != "quoted" and not self._is_name(self._next):
                    raise malformed("Invalid path dot component")
                steps.append(self._identifier())
                continue
            self._position += 1
            token = self._take()
            if token.word == "*":
                raise InvalidRequest("Wildcard path component like a[*].b are not supported")
            if token.kind != "string" and not token.text.isdigit():
                raise malformed("Unexpected term")
            steps.append(token.text if token.kind == "string" else int(token.text))
            self._expect("]")
        return Path(tuple(steps))


def _number(text: str) -> Value:
    check_number(text)
    # Decimal rather than the text, which may end in a point.
    return {"N": canonical_number(str(Decimal(text)))}


def _set(elements: list[Value]) -> Value:
    if not elements:
        raise InvalidRequest("Empty bags are not supported")
    types = {type_of(element) for element in elements}
    if types not in ({"S"}, {"N"}, {"B"}):
        raise InvalidRequest("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")
    (kind,) = types
    found = {f"{kind}S": [element[kind] for element in elements]}
    check_value(found)
    return found
