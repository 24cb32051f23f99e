"""The texts that a message must contain to match a pattern."""

from itertools import pairwise

from localaws.logs.patterns.comparison import Tokens
from localaws.logs.patterns.terms import required_terms
from localaws.logs.texts import plain_texts


def required_texts(text: str) -> tuple[bytes, ...]:
    """Texts that each message which matches a valid pattern contains, or hides by JSON's escapes; perhaps none."""
    pattern = text.strip()
    if pattern.startswith("["):
        return ()
    return plain_texts(_operands(pattern) if pattern.startswith("{") else required_terms(pattern))


def _operands(pattern: str) -> list[str]:
    """The strings that properties must be equal to: without an alternative every comparison must hold."""
    tokens = Tokens(pattern).all
    if any(token.text == "||" for token in tokens):
        return []
    found: list[str] = []
    for operator, operand in pairwise(tokens):
        if operator.kind == "symbol" and operator.text == "=" and operand.kind in ("text", "word"):
            text = operand.text[1:-1] if operand.kind == "text" else operand.text
            found += text.replace("\\", "*").split("*")
    return found
