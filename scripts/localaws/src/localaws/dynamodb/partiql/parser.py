"""Parses statements.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from localaws.dynamodb import syntax
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.conditions import Conditions
from localaws.dynamodb.partiql.errors import malformed
from localaws.dynamodb.partiql.keywords import CLAUSES
from localaws.dynamodb.partiql.scanner import END
from localaws.dynamodb.partiql.statements import Delete, Exists, Insert, Returning, Select, Statement, Update, label
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder
from localaws.dynamodb.values import Value, check_value, type_of

# Function of sets → the section of an update expression that does the same.
_SETS = {"set_add": "ADD", "set_delete": "DELETE"}


def parse(statement: str, parameters: Sequence[Value]) -> Statement:
    """The statement with its parameters; raises InvalidRequest for one that DynamoDB or local AWS refuses."""
    for value in parameters:
        check_value(value)
    try:
        return _Parser(statement, parameters).statement()
    except RecursionError:
        raise InvalidRequest("Local AWS doesn't support statements nested so deep") from None


class _Parser(Conditions):
    def statement(self) -> Statement:
        kinds: Mapping[str, Callable[[], Statement]] = {
            "SELECT": self._select,
            "INSERT": self._insert,
            "UPDATE": self._update,
            "DELETE": self._delete,
            "EXISTS": self._exists,
        }
        word = self._next.word
        if word == "FROM":
            raise InvalidRequest("Local AWS doesn't support statements that begin with FROM")
        if word not in kinds:
            raise malformed("Expected data manipulation")
        self._position += 1
        found = kinds[word]()
        self._skip(";")
        if self._next.kind != END:
            if self._next.word in CLAUSES:
                raise InvalidRequest(f"Unsupported clause: {self._next.word}")
            raise malformed("Unexpected token after expression")
        if self._used != len(self._parameters):
            raise InvalidRequest("Number of parameters in request and statement don't match.")
        return found

    def _select(self) -> Select:
        paths = () if self._skip("*") else tuple(self._list(self._selected))
        labels = [label(path) for path in paths]
        for each in labels:
            if labels.count(each) > 1:
                raise InvalidRequest(f"Duplicate identifiers in select clause: {each}")
        if not paths and self._next.word == ",":
            raise InvalidRequest("Other attributes should not be present in the projection when '*' is used.")
        self._expect("FROM")
        table, index = self._source()
        where = self._where()
        order: dict[str, bool] = {}
        if self._skip("ORDER"):
            self._expect("BY")
            order = dict(self._list(self._ordering))
        return Select(table, index, paths, where, order, self._values)

    def _selected(self) -> Path:
        token = self._next
        if self._word_after == "(":
            raise InvalidRequest(f"Unexpected path component at {token.line}:{token.column}:{len(token.text)}")
        path = self._path()
        if self._next.word == "AS" or self._next.kind == "quoted" or self._is_name(self._next):
            raise InvalidRequest("Aliasing is not supported")
        return path

    def _ordering(self) -> tuple[str, bool]:
        path = self._path()
        if len(path.steps) > 1:
            raise InvalidRequest("Argument to ORDER BY must be of type VariableReference. Type: Path")
        descending = self._skip("DESC")
        if not descending:
            self._skip("ASC")
        return str(path.steps[0]), descending

    def _exists(self) -> Exists:
        self._expect("(")
        self._expect("SELECT")
        select = self._select()
        self._expect(")")
        return Exists(select)

    def _insert(self) -> Insert:
        self._expect("INTO")
        table = self._table()
        if self._next.word not in ("VALUE", "VALUES") and self._next.kind != "symbol":
            raise malformed("Unexpected token after expression")
        self._expect("VALUE")
        if self._next.word != "{":
            raise InvalidRequest(
                "Unsupported format in item expression. Please use struct format {...} to express item values for "
                "insert statement."
            )
        item = self._value()["M"]
        if self._next.word == "RETURNING":
            raise InvalidRequest("RETURNING is not supported in INSERT")
        return Insert(table, item)

    def _update(self) -> Update:
        table = self._table()
        self._refuse_alias("SET", "REMOVE")
        sections: dict[str, list[tuple[Path, Operand | None]]] = {}
        while self._next.word in ("SET", "REMOVE"):
            if self._skip("REMOVE"):
                sections.setdefault("REMOVE", []).extend((path, None) for path in self._list(self._path))
            else:
                self._expect("SET")
                for section, path, operand in self._list(self._assignment):
                    sections.setdefault(section, []).append((path, operand))
        if not sections:
            self._unexpected()
        changes = syntax.Update(sections)
        return Update(table, changes, self._where(), self._returning(), self._values)

    def _assignment(self) -> tuple[str, Path, Operand]:
        path = self._path()
        self._expect("=")
        name = self._next.text.lower()
        if name in _SETS and self._word_after == "(":
            self._position += 1
            first, second = self._pair(name.upper(), self._update_operand)
            if first != path:
                raise InvalidRequest(f"The first argument to {name.upper()} must equal the assignment value")
            if not isinstance(second, Placeholder) or type_of(self._values[second.name]) not in ("SS", "NS", "BS"):
                raise InvalidRequest(f"The second argument to {name.upper()} must be a value with type SET")
            return _SETS[name], path, second
        left = self._update_operand()
        if self._next.word in ("+", "-"):
            return "SET", path, Call(self._take().text, (left, self._update_operand()))
        return "SET", path, left

    def _update_operand(self) -> Operand:
        if self._word_after == "(" and self._next.kind == "name":
            name = self._take().text.lower()
            if name != "list_append":
                raise InvalidRequest(f"Unrecognized function: {name}")
            return Call(name, self._pair(name.upper(), self._update_operand))
        return self._operand()

    def _pair(self, name: str, part: Callable[[], Operand]) -> tuple[Operand, Operand]:
        """The two operands of a function."""
        self._expect("(")
        operands = self._list(part)
        self._expect(")")
        if len(operands) != 2:
            raise InvalidRequest(f"{name} must have exactly two arguments")
        return operands[0], operands[1]

    def _delete(self) -> Delete:
        self._expect("FROM")
        table = self._table()
        self._refuse_alias("WHERE", "RETURNING")
        where, returning = self._where(), self._returning()
        if returning is not None and str(returning) != "ALL OLD *":
            raise InvalidRequest(
                f"Invalid returning clause: RETURNING {returning}. Only RETURNING ALL OLD * is allowed in DELETE "
                "statements."
            )
        return Delete(table, where, returning, self._values)

    def _returning(self) -> Returning | None:
        if not self._skip("RETURNING"):
            return None
        extent, moment = self._take().word, self._take().word
        if extent not in ("ALL", "MODIFIED") or moment not in ("OLD", "NEW"):
            raise malformed("Unexpected keyword")
        if not self._skip("*"):
            raise InvalidRequest("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
        if self._next.word == ",":
            raise InvalidRequest("Invalid syntax with multiple returning elements in RETURNING clause")
        return Returning(extent, moment)

    def _source(self) -> tuple[str, str | None]:
        """The table, and the index, that a SELECT is from."""
        if self._next.kind == END:
            raise malformed("Unexpected term")
        table = self._identifier()
        index = self._identifier() if self._skip(".") else None
        if self._next.word == ".":
            raise InvalidRequest("A path may contain at most 2 components in the FROM clause")
        if self._next.word == ",":
            raise InvalidRequest("Only select from a single table or index is supported.")
        self._refuse_alias("WHERE", "ORDER")
        return table, index

    def _table(self) -> str:
        """The table of a write."""
        if self._next.kind != "quoted" and not self._is_name(self._next):
            raise malformed("Expected identifier for simple path")
        table = self._identifier()
        if self._next.word == ".":
            raise InvalidRequest("This operation is not supported on an index")
        return table

    def _refuse_alias(self, *following: str) -> None:
        token = self._next
        if token.word not in following and (token.word == "AS" or token.kind == "quoted" or self._is_name(token)):
            raise InvalidRequest("Aliasing is not supported")
