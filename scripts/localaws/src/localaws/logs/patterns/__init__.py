"""CloudWatch Logs filter patterns: plain terms, JSON patterns and space-delimited patterns.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from collections.abc import Callable
from functools import lru_cache

from localaws.logs.patterns.columns import ColumnsPattern, compile_columns
from localaws.logs.patterns.document import DocumentPattern, compile_document
from localaws.logs.patterns.required import required_texts
from localaws.logs.patterns.terms import compile_terms

__all__ = ["ColumnsPattern", "DocumentPattern", "compile_pattern", "required_texts"]


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Callable[[str], bool]:
    """A function that returns whether a message matches the pattern; the empty pattern matches every message.

    Raises MalformedPattern for a pattern that's invalid on AWS or ambiguous.
    """
    pattern = text.strip()
    if pattern.startswith("{"):
        return compile_document(pattern)
    if pattern.startswith("["):
        return compile_columns(pattern)
    return compile_terms(pattern)
