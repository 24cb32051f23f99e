"""The texts that a message must contain to be found by a query."""

from collections.abc import Iterator, Sequence

from localaws.logs.insights import syntax
from localaws.logs.texts import plain_texts


def required_texts(commands: Sequence[syntax.Command]) -> tuple[bytes, ...]:
    """Texts that each message contains, perhaps hidden by JSON's escapes, that passes the query's first filters.

    They come from filters such as `id = "abc"` or `@message like "abc"` of fields that the query itself doesn't define.
    """
    values: list[str] = []
    defined: set[str] = set()
    for command in commands:
        if isinstance(command, syntax.Filter):
            values += _values(command.condition, defined)
        elif isinstance(command, syntax.Fields):
            defined |= {column.name for column in command.columns if not isinstance(column.expression, syntax.Field)}
            defined |= {column.name for column in command.columns if _renames(column)}
        elif not isinstance(command, syntax.Display | syntax.Sort):
            break
    return plain_texts(values)


def _renames(column: syntax.Named) -> bool:
    return isinstance(column.expression, syntax.Field) and column.expression.name != column.name


def _values(condition: syntax.Node, defined: set[str]) -> Iterator[str]:
    match condition:
        case syntax.Binary(operator="and", left=left, right=right):
            yield from _values(left, defined)
            yield from _values(right, defined)
        case syntax.Binary(operator="=", left=syntax.Field() as field, right=syntax.Text() as text):
            yield from _value(field, text, defined)
        case syntax.Binary(operator="=", left=syntax.Text() as text, right=syntax.Field() as field):
            yield from _value(field, text, defined)
        case syntax.Like(subject=syntax.Field() as field, pattern=syntax.Text() as text):
            yield from _value(field, text, defined)


def _value(field: syntax.Field, text: syntax.Text, defined: set[str]) -> Iterator[str]:
    """The text, if the field is part of the message."""
    parts = field.name.split(".")
    names = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    is_system = field.name.startswith("@") and not field.name.startswith("@@")
    if not names & defined and (not is_system or field.name in ("@message", "@requestId")):
        yield text.value
