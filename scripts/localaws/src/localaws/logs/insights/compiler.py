"""Compiles the commands of a query into one SQL statement over the table `events`."""

from dataclasses import dataclass

from localaws.logs.insights import syntax
from localaws.logs.insights.evaluation import evaluate
from localaws.logs.insights.grouping import Grouping
from localaws.logs.insights.parameters import Parameters
from localaws.logs.insights.scope import Scope
from localaws.logs.insights.values import Kind, Value, as_condition, as_text, malformed, sort_terms

DEFAULT_LIMIT = 10_000


@dataclass(frozen=True)
class Program:
    """SQL whose columns are the displayed strings, named by `columns`, and SQL that counts the matched events."""

    sql: str
    matched: str
    parameters: Parameters
    columns: tuple[str, ...]


def compile_query(commands: list[syntax.Command], now: int, limit: int | None = None) -> Program:
    """The SQL of a query; `now` is epoch seconds. `limit` caps the rows; without it the query's own limit applies,
    else DEFAULT_LIMIT.

    Raises MalformedQuery for a command that isn't allowed at its position.
    """
    compiler = _Compiler(now)
    for command in commands:
        compiler.add(command)
    return compiler.program(limit)


class _Compiler:
    """The pipeline so far: a chain of SQL steps, the scope after the last one, and the order of rows."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.parameters = Parameters()
        self.scope = Scope(self.parameters)
        self.steps: list[str] = []
        self.relation = "events"
        # The default order: newest first, and the items of a list in their order.
        self.natural = ["ts DESC", "seq DESC"]
        self.order = self.natural
        self.selected: dict[str, Value] = {}
        self.parsed: dict[str, Value] = {}
        self.displayed: dict[str, Value] | None = None
        self.matched_at: int | None = None
        self.limited = False
        self.last: syntax.Command | None = None

    def evaluate(self, node: syntax.Node) -> Value:
        return evaluate(node, self.scope, self.now)

    def step(self, sql: str) -> None:
        name = f"step{len(self.steps)}"
        self.steps.append(f"{name} AS ({sql})")
        self.relation = name

    def carry(self, values: list[Value]) -> list[Value]:
        """Compute values once, as columns of a separate step."""
        if not values:
            return []
        names = [f"c{len(self.steps)}_{position}" for position in range(len(values))]
        computed = ", ".join(f"{value.sql} AS {name}" for value, name in zip(values, names, strict=True))
        self.step(f"SELECT *, {computed} FROM {self.relation}")
        return [Value(name, value.kind) for name, value in zip(names, values, strict=True)]

    def add(self, command: syntax.Command) -> None:
        self._check_place(command)
        match command:
            case syntax.Fields():
                self.selected |= self._named(command.columns)
            case syntax.Display():
                self.displayed = self._named(command.columns)
            case syntax.Filter():
                condition = as_condition(self.evaluate(command.condition), command.condition)
                self.step(f"SELECT * FROM {self.relation} WHERE {condition}")
            case syntax.Parse():
                self._parse(command)
            case syntax.Stats():
                self._stats(command)
            case syntax.Sort():
                self._sort(command)
            case syntax.Limit():
                self._close_matched()
                self.limited = True
                self.step(f"SELECT * FROM {self.relation} ORDER BY {', '.join(self.order)} LIMIT {command.count}")
            case syntax.Dedup():
                self._dedup(command)
            case syntax.Unnest():
                self._unnest(command)
        self.last = command

    def _check_place(self, command: syntax.Command) -> None:
        """Check a command's position. AWS doesn't document commands after limit, so they're refused."""
        name = type(command).__name__.lower()
        if isinstance(self.last, syntax.Dedup) and not isinstance(command, syntax.Limit):
            raise malformed(f"only limit may follow dedup, not {name}", command)
        changing = syntax.Filter | syntax.Parse | syntax.Stats | syntax.Dedup | syntax.Unnest
        if self.limited and isinstance(command, changing):
            raise malformed(f"{name} after limit isn't supported; put it before limit", command)

    def _named(self, columns: tuple[syntax.Named, ...]) -> dict[str, Value]:
        """Evaluate columns from left to right, so that each can use the names before it."""
        named: dict[str, Value] = {}
        for column in columns:
            value = self.evaluate(column.expression)
            if not isinstance(column.expression, syntax.Field):
                [value] = self.carry([value])
            named[column.name] = value
            self.scope.columns[column.name] = value
        return named

    def _parse(self, command: syntax.Parse) -> None:
        source = as_text(self.evaluate(command.source))
        pattern = self.parameters.regex(command.pattern)
        labels = ", ".join(f"'g{position}'" for position in range(len(command.groups)))
        matched = (
            f"CASE WHEN regexp_matches({source}, {pattern}) THEN regexp_extract({source}, {pattern}, [{labels}]) END"
        )
        [match] = self.carry([Value(matched, Kind.TEXT)])
        for position, name in enumerate(command.groups):
            if name:
                value = Value(f"{match.sql}.g{position}", Kind.TEXT)
                self.parsed[name] = value
                # AWS's documentation also refers to the group (?<user>…) as @user.
                self.scope.columns.setdefault(f"@{name}", value)
        self.scope.columns |= self.parsed

    def _stats(self, command: syntax.Stats) -> None:
        self._close_matched()
        keys = self.carry([self.evaluate(key.expression) for key in command.keys])
        grouping = Grouping(self.scope, self.now, keys, self.carry)
        for key, value in zip(command.keys, keys, strict=True):
            grouping.name_key(key.name, value)
        for column in command.columns:
            grouping.add(column)
        grouping.carry_arguments()
        self.step(grouping.sql(self.relation))
        self.scope = grouping.scope
        computed = self._named(grouping.columns)
        grouping.close()
        self.selected = {key.name: grouping.scope.columns[key.name] for key in command.keys} | computed
        self.displayed, self.parsed = None, {}
        self.order = [term for value in grouping.keys for term in sort_terms(value, "ASC")] or ["1"]

    def _sort(self, command: syntax.Sort) -> None:
        values = self.carry([self.evaluate(order.expression) for order in command.orders])
        terms: list[str] = []
        for order, value in zip(command.orders, values, strict=True):
            terms += sort_terms(value, "DESC" if order.descending else "ASC")
        self.order = terms + (self.natural if self.scope.over_events else [])

    def _dedup(self, command: syntax.Dedup) -> None:
        self._close_matched()
        keys = self.carry([Value(as_text(self.evaluate(key)), Kind.TEXT) for key in command.keys])
        names = ", ".join(key.sql for key in keys)
        missing = " OR ".join(f"{key.sql} IS NULL" for key in keys)
        rank = f"row_number() OVER (PARTITION BY {names} ORDER BY {', '.join(self.order)})"
        self.step(f"SELECT * FROM {self.relation} QUALIFY {rank} = 1 OR {missing}")

    def _unnest(self, command: syntax.Unnest) -> None:
        """A row per item; a value that isn't a list is one item, and a missing one has no row."""
        self._close_matched()
        [source] = self.carry([self.scope.structure(command.source)])
        step = len(self.steps)
        items = (
            f"CASE json_type({source.sql}) WHEN 'ARRAY' THEN json_extract({source.sql}, '$[*]') ELSE [{source.sql}] END"
        )
        self.step(
            f"SELECT *, unnest({items}) AS item{step}, generate_subscripts({items}, 1) AS place{step} "
            f"FROM {self.relation} WHERE {source.sql} IS NOT NULL"
        )
        was = self.order is self.natural
        self.natural = [*self.natural, f"place{step}"]
        self.order = self.natural if was else [*self.order, f"place{step}"]
        value = Value(f"item{step}", Kind.JSON)
        self.scope.columns[command.name] = value
        if self.selected:
            self.selected[command.name] = value

    def _close_matched(self) -> None:
        """The matched events are those before the first stats, dedup or limit."""
        if self.matched_at is None:
            self.matched_at = len(self.steps)

    def program(self, limit: int | None) -> Program:
        self._close_matched()
        shown = self._shown()
        texts = ", ".join(f"{as_text(value)} AS v{position}" for position, value in enumerate(shown.values()))
        if limit is None and not self.limited:
            limit = DEFAULT_LIMIT
        capped = "" if limit is None else f" LIMIT {limit}"
        select = f"SELECT {texts} FROM {self.relation} ORDER BY {', '.join(self.order)}{capped}"
        return Program(
            sql=_with(self.steps) + select,
            matched=_with(self.steps[: self.matched_at]) + f"SELECT count(*) FROM {self._matched_relation()}",
            parameters=self.parameters,
            columns=tuple(shown),
        )

    def _matched_relation(self) -> str:
        return f"step{self.matched_at - 1}" if self.matched_at else "events"

    def _shown(self) -> dict[str, Value]:
        shown = self.displayed
        if shown is None:
            shown = self.selected or self._defaults()
            shown = shown | self.parsed
        if self.scope.over_events:
            shown = shown | {"@ptr": Value("ptr", Kind.TEXT)}
        return shown

    def _defaults(self) -> dict[str, Value]:
        place = syntax.Node(start=0, end=0)
        names = ("@timestamp", "@message")
        return {name: self.evaluate(syntax.Field(name=name, start=place.start, end=place.end)) for name in names}


def _with(steps: list[str]) -> str:
    return f"WITH {', '.join(steps)} " if steps else ""
