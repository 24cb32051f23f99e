"""Parses the WHERE clauses of statements.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html
"""

from __future__ import annotations

from collections.abc import Callable

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.errors import malformed
from localaws.dynamodb.partiql.operands import Operands
from localaws.dynamodb.partiql.scanner import END
from localaws.dynamodb.syntax import Call, Operand, Path

_COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
# Type of `IS` → the type of an attribute.
_TYPES = {
    "NULL": "NULL",
    "BOOLEAN": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
}
_PREDICATES = {"attribute_type": 2, "begins_with": 2, "contains": 2}


class Conditions(Operands):
    """Parses conditions as those of DynamoDB's own expressions, which have the same operators and functions."""

    def _where(self) -> Operand | None:
        return self._either() if self._skip("WHERE") else None

    def _either(self) -> Operand:
        return self._junction("OR", lambda: self._junction("AND", self._negation))

    def _junction(self, word: str, part: Callable[[], Operand]) -> Operand:
        parts = [part()]
        while self._skip(word):
            if self._next.kind == END:
                raise malformed("Missing right-hand side expression of infix operator")
            parts.append(part())
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts))

    def _negation(self) -> Operand:
        if self._skip("NOT"):
            return Call("NOT", (self._negation(),))
        if self._skip("("):
            inner = self._either()
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Operand:
        if self._next.kind == "name" and self._word_after == "(" and self._next.text.lower() != "size":
            return self._function()
        left = self._operand()
        word = self._next.word
        if word in _COMPARATORS:
            self._position += 1
            return Call(_COMPARATORS[word], (left, self._operand()))
        if self._skip("IS"):
            return self._type_test(left)
        negated = self._skip("NOT")
        if self._skip("BETWEEN"):
            low = self._operand()
            self._expect("AND")
            found = Call("BETWEEN", (left, low, self._operand()))
        elif self._skip("IN"):
            found = Call("IN", (left, *self._options(left)))
        elif self._next.word == "LIKE":
            raise InvalidRequest("Unsupported operation: Like")
        elif negated or self._next.kind == END or self._next.word in (")", "AND", "OR"):
            raise InvalidRequest("WHERE clause must contain an expression that resolves to a boolean")
        else:
            self._unexpected()
        return Call("NOT", (found,)) if negated else found

    def _type_test(self, left: Operand) -> Call:
        negated = self._skip("NOT")
        if not isinstance(left, Path):
            raise InvalidRequest("The left hand side argument to IS must be a Variable Reference, Literal, or Path")
        kind = self._take().word
        if kind == "MISSING":
            return Call("attribute_exists" if negated else "attribute_not_exists", (left,))
        if kind not in _TYPES:
            raise malformed("Expected type name")
        found = Call("attribute_type", (left, self._placeholder({"S": _TYPES[kind]})))
        return Call("NOT", (found,)) if negated else found

    def _options(self, left: Operand) -> list[Operand]:
        end = {"[": "]", "(": ")"}.get(self._take().word)
        if end is None or self._next.word == end or not isinstance(left, Path):
            raise InvalidRequest(
                "IN operator must have a left hand argument of type Variable Reference and right hand argument of type "
                "Seq with at least one member"
            )
        options = self._list(self._operand)
        self._expect(end)
        return options

    def _function(self) -> Call:
        name = self._take().text.lower()
        if name == "exists":
            raise InvalidRequest("EXISTS can only be used in ExecuteTransaction write requests.")
        if name not in _PREDICATES:
            raise InvalidRequest(f"Unrecognized function: {name}")
        self._expect("(")
        operands = self._list(self._operand)
        self._expect(")")
        if len(operands) != _PREDICATES[name]:
            raise InvalidRequest(f"{name} must have exactly {_PREDICATES[name]} arguments")
        if not isinstance(operands[0], Path):
            raise InvalidRequest(f"The first argument to {name} must be a path")
        return Call(name, tuple(operands))
