"""Parses the expressions of a Logs Insights query: a Pratt parser over the token list."""

from localaws.logs.errors import MalformedQuery
from localaws.logs.insights import syntax
from localaws.logs.insights.lexer import Kind, Token, tokenize

_BINDING = {"or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
_BINDING |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 8}
_NOT, _COMPARE, _NEGATE = 3, 4, 7
_RESERVED = ("as", "by", "asc", "desc", "and", "or", "like", "in")


class ExpressionParser:
    """Parses the expressions of one query; the base of the command parser."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._next = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._next]

    @property
    def following(self) -> Token:
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    @property
    def last_end(self) -> int:
        return self._tokens[self._next - 1].end

    def advance(self) -> Token:
        token = self.token
        self._next += 1
        return token

    def at_end(self) -> bool:
        return self.token.kind is Kind.END

    def take_symbol(self, *symbols: str) -> bool:
        if self.token.is_symbol(*symbols):
            self._next += 1
            return True
        return False

    def take_word(self, *words: str) -> bool:
        if self.token.is_word(*words):
            self._next += 1
            return True
        return False

    def expect_symbol(self, symbol: str) -> Token:
        if not self.token.is_symbol(symbol):
            raise self.unexpected(f"expected {symbol!r}")
        return self.advance()

    def unexpected(self, expected: str) -> MalformedQuery:
        return MalformedQuery(f"{expected} but found {self.token}", self.token.start, self.token.end)

    def expression(self, binding: int = 0) -> syntax.Node:
        """An expression whose operators bind tighter than `binding`."""
        left = self._prefix()
        while (operator := self._operator()) is not None and operator[1] > binding:
            left = self._infix(left, *operator)
        return left

    def _operator(self) -> tuple[str, int] | None:
        token = self.token
        if token.kind is Kind.SYMBOL and token.value in _BINDING:
            return token.value, _BINDING[token.value]
        if token.is_word("and", "or"):
            return token.value.lower(), _BINDING[token.value.lower()]
        if token.is_symbol("=~") or token.is_word("like", "in"):
            return token.value.lower(), _COMPARE
        if token.is_word("not") and self.following.is_word("like", "in"):
            return "not", _COMPARE
        return None

    def _infix(self, left: syntax.Node, operator: str, binding: int) -> syntax.Node:
        self.advance()
        if operator == "not":
            inner = self._infix(left, self.token.value.lower(), binding)
            return syntax.Not(operand=inner, start=left.start, end=inner.end)
        if operator in ("like", "=~"):
            pattern = self._prefix()
            if not isinstance(pattern, syntax.Text | syntax.Regex):
                raise MalformedQuery(f"{operator} needs a string or a /regular expression/", pattern.start, pattern.end)
            return syntax.Like(subject=left, pattern=pattern, start=left.start, end=pattern.end)
        if operator == "in":
            options = self._options()
            return syntax.In(subject=left, options=options, start=left.start, end=self.last_end)
        right = self.expression(binding - 1 if operator == "^" else binding)
        return syntax.Binary(operator=operator, left=left, right=right, start=left.start, end=right.end)

    def _options(self) -> tuple[syntax.Node, ...]:
        if not self.token.is_symbol("["):
            raise self.unexpected("`in` needs a list in square brackets (subqueries aren't supported)")
        self.advance()
        options = [self.expression()]
        while self.take_symbol(","):
            options.append(self.expression())
        self.expect_symbol("]")
        return tuple(options)

    def _prefix(self) -> syntax.Node:
        token = self.token
        place = {"start": token.start, "end": token.end}
        if self.take_symbol("("):
            inner = self.expression()
            self.expect_symbol(")")
            return inner
        if self.take_symbol("-"):
            operand = self.expression(_NEGATE)
            return syntax.Negate(operand=operand, start=token.start, end=operand.end)
        if self.take_word("not"):
            operand = self.expression(_NOT)
            return syntax.Not(operand=operand, start=token.start, end=operand.end)
        if token.is_word(*_RESERVED) or token.kind in (Kind.END, Kind.SYMBOL):
            raise self.unexpected("expected an expression")
        self.advance()
        if token.kind is Kind.NUMBER:
            return syntax.Number(value=float(token.value), **place)
        if token.kind is Kind.STRING:
            return syntax.Text(value=token.value, **place)
        if token.kind is Kind.REGEX:
            return syntax.Regex(pattern=token.value, **place)
        if token.kind is Kind.PERIOD:
            digits = len(token.value) - len(token.value.lstrip("0123456789"))
            return syntax.Period(count=int(token.value[:digits]), unit=token.value[digits:], **place)
        if token.kind is Kind.NAME and self.token.is_symbol("("):
            return self._call(token)
        return syntax.Field(name=token.value, **place)

    def _call(self, name: Token) -> syntax.Call:
        self.expect_symbol("(")
        arguments: list[syntax.Node] = []
        while not self.token.is_symbol(")"):
            if arguments:
                self.expect_symbol(",")
            star = self.token
            if self.take_symbol("*"):
                arguments.append(syntax.Star(start=star.start, end=star.end))
            else:
                arguments.append(self.expression())
        end = self.expect_symbol(")").end
        return syntax.Call(
            name=name.value.lower(),
            arguments=tuple(arguments),
            text=self.text[name.start : end],
            start=name.start,
            end=end,
        )
