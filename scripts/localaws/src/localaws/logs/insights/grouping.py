"""One `stats` command: its aggregates, and the expressions over them."""

from collections.abc import Callable

from localaws.logs.insights import syntax
from localaws.logs.insights.aggregates import AGGREGATES, aggregate
from localaws.logs.insights.evaluation import check_function, evaluate
from localaws.logs.insights.scope import Scope
from localaws.logs.insights.values import Value, malformed


class Grouping:
    """Collects the aggregates of a stats command over the rows of `before`.

    An expression over aggregates (`sum(a) / count(*)`) and over names given earlier in the same command
    (`max(a) as top, top - 1`) is computed after grouping: `columns` has those expressions, `scope` their names.
    """

    def __init__(self, before: Scope, now: int, keys: list[Value], carry: Callable[[list[Value]], list[Value]]) -> None:
        self._before = before
        self._now = now
        self._carry = carry
        self._key_columns = keys
        self._calls: list[syntax.Call] = []
        self._arguments: list[Value | None] = []
        self._aliases: set[str] = set()
        self.keys = [Value(f"k{position}", key.kind) for position, key in enumerate(keys)]
        self.scope = Scope(before.parameters, over_events=False)
        self.columns: tuple[syntax.Named, ...] = ()

    def name_key(self, name: str, column: Value) -> None:
        """Set the name of a key after grouping."""
        self.scope.columns[name] = self.keys[self._key_columns.index(column)]

    def add(self, column: syntax.Named) -> None:
        """Split one result column into aggregates and an expression over them."""
        expression = self._lifted(column.expression)
        self.columns += (syntax.Named(expression=expression, name=column.name, start=column.start, end=column.end),)
        self._aliases.add(column.name)

    def carry_arguments(self) -> None:
        """Compute the aggregates' arguments as columns, and set the names of the aggregates after grouping."""
        present = [argument for argument in self._arguments if argument is not None]
        carried = iter(self._carry(present))
        columns = [None if argument is None else next(carried) for argument in self._arguments]
        self._values = [
            aggregate(call, column, self._before.timestamp) for call, column in zip(self._calls, columns, strict=True)
        ]
        for position, value in enumerate(self._values):
            self.scope.columns[_lifted_name(position)] = Value(f"a{position}", value.kind)

    def close(self) -> None:
        """Remove the names of the aggregates, which only the expressions of this command use."""
        for position in range(len(self._calls)):
            del self.scope.columns[_lifted_name(position)]

    def sql(self, relation: str) -> str:
        """The grouped rows of `relation`."""
        keys = [f"{column.sql} AS {key.sql}" for column, key in zip(self._key_columns, self.keys, strict=True)]
        values = [f"{value.sql} AS a{position}" for position, value in enumerate(self._values)]
        groups = f" GROUP BY {', '.join(column.sql for column in self._key_columns)}" if keys else ""
        return f"SELECT {', '.join(keys + values)} FROM {relation}{groups}"

    def _lifted(self, node: syntax.Node) -> syntax.Node:
        """The expression with each aggregate replaced by the name of its column."""
        match node:
            case syntax.Call() if node.name in AGGREGATES:
                return self._lift(node)
            case syntax.Call():
                check_function(node)
                arguments = tuple(self._lifted(argument) for argument in node.arguments)
                return syntax.Call(name=node.name, arguments=arguments, text=node.text, start=node.start, end=node.end)
            case syntax.Binary():
                left, right = self._lifted(node.left), self._lifted(node.right)
                return syntax.Binary(operator=node.operator, left=left, right=right, start=node.start, end=node.end)
            case syntax.Negate():
                return syntax.Negate(operand=self._lifted(node.operand), start=node.start, end=node.end)
            case syntax.Field() if node.name not in self._aliases and node.name not in self.scope.columns:
                raise malformed(f"the field {node.name!r} must be inside an aggregate such as count() in stats", node)
            case syntax.Field() | syntax.Number() | syntax.Text() | syntax.Period():
                return node
            case _:
                raise malformed("a condition can't be computed from aggregates in stats", node)

    def _lift(self, call: syntax.Call) -> syntax.Field:
        first = call.arguments[0] if call.arguments else None
        argument = None
        if first is not None and not isinstance(first, syntax.Star):
            argument = evaluate(first, self._before, self._now)
        elif call.name != "count":
            raise malformed(f"{call.name}() takes a field: {call.text}", call)
        self._calls.append(call)
        self._arguments.append(argument)
        return syntax.Field(name=_lifted_name(len(self._calls) - 1), start=call.start, end=call.end)


def _lifted_name(position: int) -> str:
    """A name that can't occur in a query."""
    return f"`aggregate {position}`"
