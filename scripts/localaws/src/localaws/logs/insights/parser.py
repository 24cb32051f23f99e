"""Parses the commands of a Logs Insights query.

Grammar: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
from collections.abc import Callable

from localaws.logs.errors import MalformedQuery
from localaws.logs.insights import syntax
from localaws.logs.insights.expressions import ExpressionParser
from localaws.logs.insights.lexer import Kind, Token

MAX_LIMIT = 100_000
_NOT_SUPPORTED = frozenset(
    {
        "addtotals",
        "anomaly",
        "cluster",
        "diff",
        "fillmissing",
        "filterindex",
        "join",
        "lookup",
        "outlier",
        "pattern",
        "relevantfields",
        "source",
        "unmask",
    }
)


def parse(text: str) -> list[syntax.Command]:
    """The commands of a query in order; an empty query has none.

    Raises MalformedQuery naming an unknown or unsupported command, function or character.
    """
    return _Parser(text).query()


class _Parser(ExpressionParser):
    def query(self) -> list[syntax.Command]:
        commands: list[syntax.Command] = []
        if self.at_end():
            return commands
        self.take_symbol("|")
        while True:
            commands.append(self._command())
            if self.at_end():
                return commands
            if not self.take_symbol("|"):
                raise self.unexpected("expected '|' or the end of the query")

    def _command(self) -> syntax.Command:
        name = self.token
        word = name.value.lower() if name.kind is Kind.NAME else ""
        if word in _NOT_SUPPORTED:
            raise MalformedQuery(f"the command {name.value!r} isn't supported by local AWS", name.start, name.end)
        if word not in _COMMANDS:
            raise self.unexpected(f"expected a command ({', '.join(COMMANDS)})")
        self.advance()
        return _COMMANDS[word](self, name)

    def _fields(self, word: Token) -> syntax.Command:
        return syntax.Fields(columns=self._columns(), start=word.start, end=self.last_end)

    def _display(self, word: Token) -> syntax.Command:
        return syntax.Display(columns=self._columns(), start=word.start, end=self.last_end)

    def _filter(self, word: Token) -> syntax.Command:
        return syntax.Filter(condition=self.expression(), start=word.start, end=self.last_end)

    def _stats(self, word: Token) -> syntax.Command:
        columns = self._columns()
        keys = self._columns() if self.take_word("by") else ()
        return syntax.Stats(columns=columns, keys=keys, start=word.start, end=self.last_end)

    def _sort(self, word: Token) -> syntax.Command:
        orders = [self._order()]
        while self.take_symbol(","):
            orders.append(self._order())
        return syntax.Sort(orders=tuple(orders), start=word.start, end=self.last_end)

    def _order(self) -> syntax.Order:
        expression = self.expression()
        descending = self.take_word("desc")
        if not descending:
            self.take_word("asc")
        return syntax.Order(expression=expression, descending=descending, start=expression.start, end=self.last_end)

    def _limit(self, word: Token) -> syntax.Command:
        token = self.token
        if token.kind is not Kind.NUMBER or not token.value.isdigit() or not 1 <= int(token.value) <= MAX_LIMIT:
            raise self.unexpected(f"limit needs a whole number from 1 to {MAX_LIMIT}")
        self.advance()
        return syntax.Limit(count=int(token.value), start=word.start, end=token.end)

    def _dedup(self, word: Token) -> syntax.Command:
        keys = [self.expression()]
        while self.take_symbol(","):
            keys.append(self.expression())
        return syntax.Dedup(keys=tuple(keys), start=word.start, end=self.last_end)

    def _unnest(self, word: Token) -> syntax.Command:
        place = self.token
        source = syntax.Field(name=self._name(), start=place.start, end=place.end)
        if not self.take_word("into"):
            raise self.unexpected("unnest needs 'into' and a name")
        return syntax.Unnest(source=source, name=self._name(), start=word.start, end=self.last_end)

    def _columns(self) -> tuple[syntax.Named, ...]:
        columns = [self._column()]
        while self.take_symbol(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> syntax.Named:
        start = self.token.start
        expression = self.expression()
        name = self.text[start : self.last_end]
        if isinstance(expression, syntax.Field):
            name = name.replace("`", "")
        if self.take_word("as"):
            name = self._name()
        return syntax.Named(expression=expression, name=name, start=start, end=self.last_end)

    def _name(self) -> str:
        if self.token.kind not in (Kind.NAME, Kind.QUOTED_NAME):
            raise self.unexpected("expected a field name")
        return self.advance().value

    def _parse(self, word: Token) -> syntax.Command:
        source: syntax.Node = syntax.Field(name="@message", start=word.start, end=word.end)
        if self.token.kind not in (Kind.STRING, Kind.REGEX):
            source = self.expression()
        pattern = self.token
        if pattern.kind not in (Kind.STRING, Kind.REGEX):
            raise self.unexpected('parse needs a "glob" or a /regular expression/')
        self.advance()
        names = self._names() if self.take_word("as") else ()
        place = {"start": pattern.start, "end": pattern.end}
        if pattern.kind is Kind.STRING:
            wildcards = pattern.value.count("*")
            if not wildcards or wildcards != len(names):
                message = (
                    f"parse has {wildcards} wildcards (*) and {len(names)} names after 'as'; the numbers must be equal"
                )
                raise MalformedQuery(message, **place)
            regex, groups = _glob(pattern.value), names
        elif names:
            raise MalformedQuery("parse with a regular expression names its groups (?<name>...), without 'as'", **place)
        else:
            regex = pattern.value
            groups = _groups(pattern)
        return syntax.Parse(
            source=source,
            pattern=syntax.Regex(pattern=regex, **place),
            groups=groups,
            start=word.start,
            end=self.last_end,
        )

    def _names(self) -> tuple[str, ...]:
        names = [self._name()]
        while self.take_symbol(","):
            names.append(self._name())
        return tuple(names)


_COMMANDS: dict[str, Callable[[_Parser, Token], syntax.Command]] = {
    "fields": _Parser._fields,
    "display": _Parser._display,
    "filter": _Parser._filter,
    "parse": _Parser._parse,
    "stats": _Parser._stats,
    "sort": _Parser._sort,
    "limit": _Parser._limit,
    "dedup": _Parser._dedup,
    "unnest": _Parser._unnest,
}
COMMANDS = tuple(_COMMANDS)


def _groups(pattern: Token) -> tuple[str, ...]:
    """The names of a regular expression's groups in order, "" for one without a name."""
    try:
        compiled = re.compile(pattern.value.replace("(?<", "(?P<"))
    except re.error as error:
        raise MalformedQuery(f"the regular expression is invalid: {error}", pattern.start, pattern.end) from error
    if not compiled.groupindex:
        raise MalformedQuery("parse needs named groups: /(?<name>...)/", pattern.start, pattern.end)
    names = {position: name for name, position in compiled.groupindex.items()}
    return tuple(names.get(position, "") for position in range(1, compiled.groups + 1))


def _glob(text: str) -> str:
    """The regular expression of a glob: each `*` is non-greedy, the last one matches the rest."""
    parts = [re.escape(part) for part in text.split("*")]
    last = "(.*)" if not parts[-1] else f"(.*?){parts[-1]}"
    return "(?s)" + "(.*?)".join(parts[:-1]) + last
